#include "faultline/mutators/blur.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "faultline/core/mutator_registry.h"
#include "faultline/mutators/filters.h"
#include "faultline/mutators/planes.h"

namespace faultline {

namespace {

void blur_planes(Image image, double deviation) {
  for_each_plane(image, [&](cv::Mat& plane) { gaussian_blur(plane, deviation); });
}

/// Two numbers in [0, 1) a pixel say where its value comes from.
void scatter_pixels(Image image, int distance, std::span<const float> numbers) {
  const auto offset = [&](double number) { return static_cast<int>(number * 2 * distance) - distance; };
  for (int y = image.height - distance; y > distance; --y) {
    for (int x = image.width - distance; x > distance; --x) {
      const std::int64_t place = std::int64_t{y} * image.width + x;
      const std::size_t pair = 2 * static_cast<std::size_t>(place);
      const std::int64_t source = place + std::int64_t{offset(numbers[pair])} * image.width + offset(numbers[pair + 1]);
      for (int channel = 0; channel < image.channels; ++channel) {
        float* plane = image.data + channel * image.area();
        plane[place] = plane[source];
      }
    }
  }
}

/// How many of 1, 1 + step, 1 + 2 step ... are below the end, as NumPy's arange counts them.
int magnifications(const ZoomBlurParameters& parameters) {
  return static_cast<int>(std::ceil((parameters.end - 1) / parameters.step));
}

/// The ranks of the pixels in a window, as counts of each rank and of blocks of ranks, so that pixels come and go at no
/// cost and the middle is found in a few steps.
class RankWindow {
 public:
  explicit RankWindow(int ranks)
      : block_bits_(std::bit_width(static_cast<unsigned>(ranks)) / 2),
        counts_(static_cast<std::size_t>(ranks)),
        blocks_(static_cast<std::size_t>((ranks >> block_bits_) + 1)) {}

  void clear() {
    std::ranges::fill(counts_, 0);
    std::ranges::fill(blocks_, 0);
  }

  void change(int rank, int by) {
    counts_[static_cast<std::size_t>(rank)] += by;
    blocks_[static_cast<std::size_t>(rank >> block_bits_)] += by;
  }

  /// The rank that exactly `below` of the numbers in the window precede.
  [[nodiscard]] int at(int below) const {
    std::size_t block = 0;
    for (; below >= blocks_[block]; ++block) {
      below -= blocks_[block];
    }
    std::size_t rank = block << block_bits_;
    for (; below >= counts_[rank]; ++rank) {
      below -= counts_[rank];
    }
    return static_cast<int>(rank);
  }

 private:
  int block_bits_;  // of a rank within its block
  std::vector<int> counts_;
  std::vector<int> blocks_;
};

/// Of each row of the round window, from -radius to radius: how far it reaches to both sides.
std::vector<int> window_reaches(double radius) {
  const auto rows = static_cast<int>(radius);
  std::vector<int> reaches;
  for (int y = -rows; y <= rows; ++y) {
    reaches.push_back(static_cast<int>(std::sqrt(radius * radius - y * y)));
  }
  return reaches;
}

/// The median of every window of a plane. It slides over ranks, not values: a float has too many to count.
void median_of_windows(const cv::Mat& ranks, std::span<const float> sorted, std::span<const int> reaches,
                       cv::Mat& plane) {
  const auto rows = static_cast<int>(reaches.size() / 2);
  const int half = std::accumulate(reaches.begin(), reaches.end(), 0) + rows;  // 2 * reach + 1 pixels a row
  RankWindow window(static_cast<int>(sorted.size()));
  for (int y = 0; y < plane.rows; ++y) {
    const auto change = [&](int row, int x, int by) {
      const int* line = ranks.ptr<int>(std::clamp(y + row - rows, 0, plane.rows - 1));
      window.change(line[std::clamp(x, 0, plane.cols - 1)], by);
    };
    window.clear();
    for (int row = 0; row <= 2 * rows; ++row) {
      const int reach = reaches[static_cast<std::size_t>(row)];
      for (int x = -reach; x <= reach; ++x) {
        change(row, x, 1);
      }
    }
    for (int x = 0; x < plane.cols; ++x) {
      plane.at<float>(y, x) = sorted[static_cast<std::size_t>(window.at(half))];
      for (int row = 0; row <= 2 * rows; ++row) {
        const int reach = reaches[static_cast<std::size_t>(row)];
        change(row, x - reach, -1);
        change(row, x + reach + 1, 1);
      }
    }
  }
}

}  // namespace

Mutation blur_gaussian(Image image, const GaussianBlurParameters& parameters, Draws& /*draws*/) {
  blur_planes(image, parameters.sd);
  return Mutation::kChanged;
}

Mutation blur_defocus(Image image, const DefocusBlurParameters& parameters, Draws& /*draws*/) {
  if (parameters.radius < 1 && parameters.softness <= 0) {
    return Mutation::kChanged;
  }
  const cv::Mat kernel = disk_kernel(parameters.radius, parameters.softness);
  for_each_plane(image, [&](cv::Mat& plane) {
    cv::Mat blurred;
    cv::filter2D(plane, blurred, CV_32F, kernel, {-1, -1}, 0, cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
    plane = blurred;
  });
  return Mutation::kChanged;
}

Mutation blur_glass(Image image, const GlassBlurParameters& parameters, Draws& draws) {
  blur_planes(image, parameters.sd);
  std::vector<float> numbers(2 * static_cast<std::size_t>(image.area()));
  for (int i = 0; i < parameters.iterations && parameters.distance > 0; ++i) {
    draws.fill_uniform(numbers);
    scatter_pixels(image, parameters.distance, numbers);
  }
  blur_planes(image, parameters.sd);
  return Mutation::kChanged;
}

Mutation blur_motion(Image image, const MotionBlurParameters& parameters, Draws& draws) {
  const double degrees = draws.between(-45, 45);
  if (parameters.radius > 0 && parameters.deviation > 0) {
    motion_blur(image, {.radius = parameters.radius, .deviation = parameters.deviation, .degrees = degrees});
  }
  return Mutation::kChanged;
}

Mutation blur_zoom(Image image, const ZoomBlurParameters& parameters, Draws& /*draws*/) {
  const int count = magnifications(parameters);
  if (count == 0) {
    return Mutation::kChanged;
  }
  for_each_plane(image, [&](cv::Mat& plane) {
    cv::Mat sum = plane.clone();
    for (int i = 0; i < count; ++i) {
      sum += zoomed(plane, 1 + i * parameters.step);
    }
    plane = sum / (count + 1);
  });
  return Mutation::kChanged;
}

Mutation blur_median(Image image, const MedianBlurParameters& parameters, Draws& /*draws*/) {
  if (parameters.radius < 1) {
    return Mutation::kChanged;
  }
  const std::vector<int> reaches = window_reaches(parameters.radius);
  std::vector<int> order(static_cast<std::size_t>(image.area()));
  std::vector<float> sorted(order.size());
  cv::Mat ranks(image.height, image.width, CV_32S);
  for (int channel = 0; channel < image.channels; ++channel) {
    const std::span<const float> values = image.plane(channel);
    const auto value = [&](int place) { return values[static_cast<std::size_t>(place)]; };
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {}, value);
    std::ranges::transform(order, sorted.begin(), value);
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
      ranks.ptr<int>()[order[rank]] = static_cast<int>(rank);
    }
    cv::Mat plane = plane_of(image, channel);
    median_of_windows(ranks, sorted, reaches, plane);
  }
  return Mutation::kChanged;
}

void register_blur(MutatorRegistry& registry) {
  const std::string family = "blur";
  registry.add<&blur_gaussian>({.name = "gaussian-blur",
                                .family = family,
                                .validity = "outlines of digits and objects stay",
                                .summary = "blurs with a Gaussian"});
  registry.add<&blur_defocus>({.name = "defocus-blur",
                               .family = family,
                               .validity = "a disk of six pixels of 32 leaves the outlines",
                               .summary = "blurs as a lens out of focus does"});
  registry.add<&blur_glass>({.name = "glass-blur",
                             .family = family,
                             .random = true,
                             .preserves = 4,
                             .validity = "pixels move by few places of 32; thin strokes break at last",
                             .summary = "looks through rough glass"});
  registry.add<&blur_motion>({.name = "motion-blur",
                              .family = family,
                              .random = true,
                              .validity = "the trail is one-sided and fades; outlines stay",
                              .summary = "smears along a drawn direction, as a moving camera does"});
  registry.add<&blur_zoom>({.name = "zoom-blur",
                            .family = family,
                            .validity = "the middle stays sharp",
                            .summary = "smears away from the centre, as a camera that moves forwards does"});
  registry.add<&blur_median>({.name = "median-blur",
                              .family = family,
                              .preserves = 2,
                              .validity = "wider windows close the holes of digits and take away strokes",
                              .summary = "replaces every pixel with the median of those around it"});
}

}  // namespace faultline
