#include "faultline/cli/run.h"

int main(int argc, char** argv) {
  faultline::Registries registries;
  faultline::register_builtin(registries);
  return faultline::run(argc, argv, registries);
}
