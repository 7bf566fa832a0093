#include "cli/night.h"

#include <fstream>

namespace faultline {

std::string gate(const std::string& lines) { return "[[gate]]\nstage = \"linf\"\n" + lines; }

std::string write_plan(const Workshop& shop, const std::string& text) {
  std::ofstream(shop / "plan.toml") << text;
  return "plan.toml";
}

ProgramResult night(const Workshop& shop, const std::string& plan, const std::string& out,
                    const std::vector<std::string>& more) {
  std::vector<std::string> words{"run", write_plan(shop, plan), "--out", out};
  words.insert(words.end(), more.begin(), more.end());
  return shop.run(words);
}

Json summary_in(const std::string& out) { return Json::parse(read_file(out + "/summary.json")); }

}  // namespace faultline
