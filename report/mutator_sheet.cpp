#include "faultline/report/mutator_sheet.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "faultline/data/file.h"
#include "faultline/report/png.h"

namespace faultline {

namespace {

constexpr int kLeastHeight = 48;
constexpr int kLabelWidth = 130;
constexpr int kRoomBetween = 4;
constexpr std::uint64_t kSheetKey = 1;
const cv::Scalar kPaper = cv::Scalar::all(255);

cv::Mat as_colours(const cv::Mat& picture) {
  cv::Mat colours;
  if (picture.channels() == 1) {
    cv::cvtColor(picture, colours, cv::COLOR_GRAY2BGR);
    return colours;
  }
  return picture;
}

cv::Mat framed(const cv::Mat& picture, int height) {
  cv::Mat frame;
  cv::copyMakeBorder(picture, frame, 0, height - picture.rows + kRoomBetween, 0, kRoomBetween, cv::BORDER_CONSTANT,
                     kPaper);
  return frame;
}

cv::Mat label_of(const std::string& text, int height) {
  cv::Mat label(height + kRoomBetween, kLabelWidth, CV_8UC3, kPaper);
  cv::putText(label, text, {4, height / 2 + 4}, cv::FONT_HERSHEY_SIMPLEX, 0.4, cv::Scalar::all(0), 1, cv::LINE_AA);
  return label;
}

cv::Mat strip(const MutatorRegistry::Entry& mutator, const std::vector<Tensor>& inputs, const Bounds& bounds,
              int height) {
  std::vector<cv::Mat> parts{label_of(mutator.info.name, height)};
  for (const Tensor& input : inputs) {
    for (int severity = 0; severity <= kSeverities; ++severity) {
      Draws draws(kSheetKey);
      const int side = static_cast<int>(std::min(input.size(1), input.size(2)));
      const std::vector<double> values = parameters_at(mutator.parameters, severity, side, draws);
      const Tensor changed = rendered(mutator, values, input, bounds, draws);
      parts.push_back(framed(as_colours(enlarged(picture_of(changed, bounds), kLeastHeight)), height));
    }
  }
  cv::Mat row;
  cv::hconcat(parts, row);
  return row;
}

int height_of(const std::vector<Tensor>& inputs) {
  int height = 0;
  for (const Tensor& input : inputs) {
    const int rows = static_cast<int>(input.size(1));
    height = std::max(height, rows * std::max(1, (kLeastHeight + rows - 1) / rows));
  }
  return height;
}

}  // namespace

void write_mutator_sheet(const std::filesystem::path& path, const std::vector<MutatorRegistry::Entry>& mutators,
                         const std::vector<Tensor>& inputs, const Bounds& bounds) {
  if (mutators.empty() || inputs.empty()) {
    refuse(path.string(), "there is nothing to show: no mutator or no input");
  }
  for (const Tensor& input : inputs) {
    check_is_picture(path, input);
  }
  const int height = height_of(inputs);
  std::vector<cv::Mat> rows;
  for (const MutatorRegistry::Entry& mutator : mutators) {
    if (mutator.info.needs_gradient) {
      continue;
    }
    rows.push_back(strip(mutator, inputs, bounds, height));
  }
  cv::Mat sheet;
  cv::vconcat(rows, sheet);
  write_png(path, sheet);
}

}  // namespace faultline
