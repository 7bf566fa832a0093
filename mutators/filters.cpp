#include "faultline/mutators/filters.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "faultline/mutators/planes.h"

namespace faultline {

namespace {

constexpr int kOwnEdges = cv::BORDER_REPLICATE | cv::BORDER_ISOLATED;
constexpr double kDiskGrid = 8;  // pixels; larger disks are smoothed over 5 x 5 pixels, the others over 3 x 3

/// A pixel of the trail: how far from the blurred pixel, and its share.
struct TrailStep {
  int down = 0;
  int right = 0;
  float weight = 0;
};

std::vector<TrailStep> trail_steps(const MotionTrail& trail) {
  const auto length = static_cast<int>(std::lround(2 * std::max(trail.radius, 0.0))) + 1;
  const double radians = trail.degrees * std::numbers::pi / 180;
  std::vector<double> weights;
  double sum = 0;
  for (int i = 0; i < length; ++i) {
    weights.push_back(trail.deviation > 0 ? std::exp(-0.5 * std::pow(i / trail.deviation, 2)) : (i == 0 ? 1 : 0));
    sum += weights.back();
  }
  std::vector<TrailStep> steps;
  for (int i = 0; i < length; ++i) {
    const double weight = weights[static_cast<std::size_t>(i)] / sum;
    const auto down = static_cast<int>(std::ceil(i * std::sin(radians) - 0.5));
    const auto right = static_cast<int>(std::ceil(i * std::cos(radians) - 0.5));
    steps.push_back({down, right, static_cast<float>(weight)});
  }
  return steps;
}

/// For one axis: where a pixel of the magnified image lies between two of the original.
struct ZoomTap {
  int first = 0;
  int second = 0;
  float share = 0;  // of the second
};

std::vector<ZoomTap> zoom_taps(int side, double factor) {
  const double centre = (side - 1) / 2.0;
  std::vector<ZoomTap> taps;
  taps.reserve(static_cast<std::size_t>(side));
  for (int i = 0; i < side; ++i) {
    const double place = std::clamp(centre + (i - centre) / factor, 0.0, side - 1.0);
    const auto first = static_cast<int>(place);
    taps.push_back({first, std::min(first + 1, side - 1), static_cast<float>(place - first)});
  }
  return taps;
}

}  // namespace

void gaussian_blur(cv::Mat& plane, double deviation) {
  const auto radius = static_cast<int>(4 * deviation + 0.5);
  if (deviation <= 0 || radius == 0) {
    return;
  }
  const int side = 2 * radius + 1;
  cv::Mat blurred;
  cv::GaussianBlur(plane, blurred, {side, side}, deviation, deviation, kOwnEdges);
  blurred.copyTo(plane);
}

cv::Mat disk_kernel(double radius, double softness) {
  const auto reach = static_cast<int>(radius);
  const int margin = radius <= kDiskGrid ? 1 : 2;
  const int half = radius <= kDiskGrid ? static_cast<int>(kDiskGrid) : static_cast<int>(std::ceil(radius));
  cv::Mat disk = cv::Mat::zeros(2 * half + 1, 2 * half + 1, CV_32F);
  for (int y = -reach; y <= reach; ++y) {
    for (int x = -reach; x <= reach; ++x) {
      disk.at<float>(half + y, half + x) = x * x + y * y <= radius * radius ? 1.0F : 0.0F;
    }
  }
  if (softness > 0) {
    const int side = 2 * margin + 1;
    cv::Mat smooth;
    cv::GaussianBlur(disk, smooth, {side, side}, softness, softness, cv::BORDER_REFLECT_101);
    disk = smooth;
  }
  const int kept = std::min(half, reach + margin);  // the rest of the grid is zero
  const cv::Range middle(half - kept, half + kept + 1);
  cv::Mat kernel;
  disk(middle, middle).convertTo(kernel, CV_32F, 1 / cv::sum(disk)[0]);
  return kernel;
}

void motion_blur(Image image, const MotionTrail& trail) {
  const std::vector<TrailStep> steps = trail_steps(trail);
  const TrailStep& last = steps.back();
  const int above = std::max(-last.down, 0);
  const int left = std::max(-last.right, 0);
  cv::Mat padded;
  for (int channel = 0; channel < image.channels; ++channel) {
    cv::Mat plane = plane_of(image, channel);
    cv::copyMakeBorder(plane, padded, above, std::max(last.down, 0), left, std::max(last.right, 0), kOwnEdges);
    plane.setTo(0);
    for (int y = 0; y < image.height; ++y) {
      float* blurred = plane.ptr<float>(y);
      for (const TrailStep& step : steps) {
        const float* source = padded.ptr<float>(y + above + step.down) + left + step.right;
        for (int x = 0; x < image.width; ++x) {
          blurred[x] += step.weight * source[x];
        }
      }
    }
  }
}

cv::Mat zoomed(const cv::Mat& plane, double factor) {
  const std::vector<ZoomTap> rows = zoom_taps(plane.rows, factor);
  const std::vector<ZoomTap> columns = zoom_taps(plane.cols, factor);
  cv::Mat magnified(plane.rows, plane.cols, CV_32F);
  std::vector<float> between(columns.size());
  for (int y = 0; y < plane.rows; ++y) {
    const ZoomTap& row = rows[static_cast<std::size_t>(y)];
    const float* upper = plane.ptr<float>(row.first);
    const float* lower = plane.ptr<float>(row.second);
    for (std::size_t x = 0; x < between.size(); ++x) {
      between[x] = upper[x] + row.share * (lower[x] - upper[x]);
    }
    float* target = magnified.ptr<float>(y);
    for (const ZoomTap& column : columns) {
      const float first = between[static_cast<std::size_t>(column.first)];
      *target++ = first + column.share * (between[static_cast<std::size_t>(column.second)] - first);
    }
  }
  return magnified;
}

cv::Mat normal_field(int height, int width, Draws& draws) {
  cv::Mat field(height, width, CV_32F);
  draws.fill_normal(std::span<float>(field.ptr<float>(), field.total()));
  return field;
}

cv::Mat uniform_field(int height, int width, Draws& draws) {
  cv::Mat field(height, width, CV_32F);
  draws.fill_uniform(std::span<float>(field.ptr<float>(), field.total()));
  return field;
}

}  // namespace faultline
