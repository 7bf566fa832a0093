// Runs the tests of a folder with the settings of the program: one intra-op thread, so that results are those of a
// worker.
#include <gtest/gtest.h>

#include "faultline/eval/process.h"

int main(int argc, char** argv) {
  faultline::prepare_process();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
