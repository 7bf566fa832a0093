// A finding as a bug report: nothing in a finding can change the report's structure.
#include "faultline/report/bug_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using testing::HasSubstr;
using testing::Not;

BugReport report() {
  Failure failure{.label = 7, .budget = Budget{Norm::kLinf, 0.1}};
  BugReport report{.corpus = "corpus", .states = {{"main", "open"}}, .picture = "f.png"};
  report.stored.finding = make_finding(failure, at::zeros({1, 2, 2}), at::full({1, 2, 2}, 0.05));
  report.stored.discoveries.push_back({.attack = "pgd", .prediction = 3, .logits = {{3, 1.5}, {7, 1.25}}});
  return report;
}

TEST(BugReport, SaysWhatFailsAndHowToSeeItAgain) {
  const std::string text = bug_report(report());
  EXPECT_THAT(text, HasSubstr("misclassification, label 7 taken for 3"));
  EXPECT_THAT(text, HasSubstr("(f.png)"));
  EXPECT_THAT(text, HasSubstr("| threat | linf, epsilon 0.1 |"));
  EXPECT_THAT(text, HasSubstr("| highest logits | 3: 1.5, 7: 1.25 |"));
  const std::string id = report().stored.finding.id.substr(0, 12);
  EXPECT_THAT(text, HasSubstr("faultline replay corpus --model MODEL.pt --finding " + id));
  EXPECT_THAT(finding_text(report()), HasSubstr("linf, epsilon 0.1"));
}

TEST(BugReport, MarkupInAFindingIsText) {
  BugReport hostile = report();
  hostile.stored.discoveries[0].attack = "<script>|`# x\n# y";
  const std::string text = bug_report(hostile);
  EXPECT_THAT(text, Not(HasSubstr("<script>")));
  EXPECT_THAT(text, HasSubstr("&lt;script>\\|\\`\\# x \\# y"));
}

}  // namespace
}  // namespace faultline
