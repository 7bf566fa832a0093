#include "faultline/mutators/photometry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace faultline {

namespace {

constexpr int kColours = 3;
constexpr int kUnchangedLevels = 256;  // as many as a byte has

/// A colour as hue (in sixths of the circle, 0: red, 2: green, 4: blue; of grey 0), saturation and value.
struct Hsv {
  float hue = 0;
  float saturation = 0;
  float value = 0;
};

Hsv hsv_of(float red, float green, float blue) {
  const float value = std::max({red, green, blue});
  const float chroma = value - std::min({red, green, blue});
  if (chroma <= 0) {
    return {.value = value};
  }
  float hue = 0;
  if (value == red) {
    hue = (green - blue) / chroma + (green < blue ? 6.0F : 0.0F);
  } else if (value == green) {
    hue = (blue - red) / chroma + 2;
  } else {
    hue = (red - green) / chroma + 4;
  }
  return {.hue = hue, .saturation = chroma / value, .value = value};
}

/// Red, green, blue. Precondition: the hue lies in 0 .. 6.
std::array<float, kColours> rgb_of(const Hsv& colour) {
  // Each channel falls from the value by up to the chroma, with its distance from its own sixths of the circle.
  const float chroma = colour.value * colour.saturation;
  const auto channel = [&](float distance) { return colour.value - chroma * std::clamp(distance, 0.0F, 1.0F); };
  return {channel(2 - std::abs(colour.hue - 3)), channel(std::abs(colour.hue - 2) - 1),
          channel(std::abs(colour.hue - 4) - 1)};
}

/// Calls change(Hsv&) for every pixel. Precondition: three channels.
template <typename Change>
void change_colours(Image image, const Change& change) {
  float* red = image.plane(0).data();
  float* green = image.plane(1).data();
  float* blue = image.plane(2).data();
  for (std::int64_t i = 0; i < image.area(); ++i) {
    Hsv colour = hsv_of(red[i], green[i], blue[i]);
    change(colour);
    const std::array<float, kColours> changed = rgb_of(colour);
    red[i] = changed[0];
    green[i] = changed[1];
    blue[i] = changed[2];
  }
}

}  // namespace

Mutation brightness(Image image, const BrightnessParameters& parameters, Draws& /*draws*/) {
  if (parameters.amount == 0) {
    return Mutation::kChanged;
  }
  const auto amount = static_cast<float>(parameters.amount);
  if (image.channels == kColours) {
    change_colours(image, [&](Hsv& colour) { colour.value = std::clamp(colour.value + amount, 0.0F, 1.0F); });
    return Mutation::kChanged;
  }
  for (float& value : image.values()) {
    value = std::clamp(value + amount, 0.0F, 1.0F);
  }
  return Mutation::kChanged;
}

Mutation contrast(Image image, const ContrastParameters& parameters, Draws& /*draws*/) {
  for (int channel = 0; channel < image.channels && parameters.factor != 1; ++channel) {
    const std::span<float> plane = image.plane(channel);
    const double sum = std::accumulate(plane.begin(), plane.end(), 0.0);
    const auto mean = static_cast<float>(sum / static_cast<double>(plane.size()));
    const auto factor = static_cast<float>(parameters.factor);
    for (float& value : plane) {
      value = (value - mean) * factor + mean;
    }
  }
  return Mutation::kChanged;
}

Mutation gamma_curve(Image image, const GammaParameters& parameters, Draws& /*draws*/) {
  if (parameters.exponent == 1) {
    return Mutation::kChanged;
  }
  const auto exponent =
      static_cast<float>(parameters.tone == Tone::kDarken ? parameters.exponent : 1 / parameters.exponent);
  for (float& value : image.values()) {
    value = std::pow(std::max(value, 0.0F), exponent);
  }
  return Mutation::kChanged;
}

Mutation saturation(Image image, const SaturationParameters& parameters, Draws& /*draws*/) {
  if (image.channels != kColours) {
    return Mutation::kSkipped;
  }
  if (parameters.mul == 1 && parameters.add == 0) {
    return Mutation::kChanged;
  }
  const auto mul = static_cast<float>(parameters.mul);
  const auto add = static_cast<float>(parameters.add);
  change_colours(image,
                 [&](Hsv& colour) { colour.saturation = std::clamp(colour.saturation * mul + add, 0.0F, 1.0F); });
  return Mutation::kChanged;
}

Mutation hue(Image image, const HueParameters& parameters, Draws& /*draws*/) {
  if (image.channels != kColours) {
    return Mutation::kSkipped;
  }
  if (parameters.degrees == 0) {
    return Mutation::kChanged;
  }
  constexpr float kCircle = 6;
  const auto turn = static_cast<float>(parameters.degrees / 60);
  change_colours(image, [&](Hsv& colour) {
    const float turned = colour.hue + turn;
    colour.hue = turned < 0 ? turned + kCircle : turned > kCircle ? turned - kCircle : turned;
  });
  return Mutation::kChanged;
}

Mutation channel_shift(Image image, const ChannelShiftParameters& parameters, Draws& draws) {
  if (image.channels != kColours) {
    return Mutation::kSkipped;
  }
  for (int channel = 0; channel < kColours && parameters.amount != 0; ++channel) {
    const auto shift = static_cast<float>(draws.between(-parameters.amount, parameters.amount));
    for (float& value : image.plane(channel)) {
      value += shift;
    }
  }
  return Mutation::kChanged;
}

Mutation invert(Image image, const InvertParameters& parameters, Draws& /*draws*/) {
  if (parameters.amount != 0) {
    const auto amount = static_cast<float>(parameters.amount);
    for (float& value : image.values()) {
      value = value * (1 - amount) + (1 - value) * amount;
    }
  }
  return Mutation::kChanged;
}

Mutation posterise(Image image, const PosteriseParameters& parameters, Draws& /*draws*/) {
  if (parameters.levels >= kUnchangedLevels) {
    return Mutation::kChanged;
  }
  const auto steps = static_cast<float>(parameters.levels - 1);
  for (float& value : image.values()) {
    value = std::floor(value * steps + 0.5F) / steps;
  }
  return Mutation::kChanged;
}

void register_photometry(MutatorRegistry& registry) {
  const std::string family = "photometry";
  registry.add<&brightness>({.name = "brightness",
                             .family = family,
                             .preserves = 4,
                             .validity = "shapes stay up to about 0.25; beyond it dark images may end all black",
                             .summary = "makes the image brighter or darker"});
  registry.add<&contrast>({.name = "contrast",
                           .family = family,
                           .validity = "a person reads an image at a tenth of its contrast",
                           .summary = "moves values towards the mean of their channel"});
  registry.add<&gamma_curve>({.name = "gamma",
                              .family = family,
                              .preserves = 4,
                              .validity = "outlines stay; the strongest leaves dark images too dark to read",
                              .summary = "bends the curve of values, darker or lighter"});
  registry.add<&saturation>({.name = "saturation",
                             .family = family,
                             .least_channels = 3,
                             .validity = "a person names objects in black-and-white photographs; not so where the "
                                         "colour is the class",
                             .summary = "takes colour away, or adds it"});
  registry.add<&hue>({.name = "hue",
                      .family = family,
                      .least_channels = 3,
                      .validity = "a person names objects by their shape; not so where the colour is the class",
                      .summary = "turns the colours round the circle"});
  registry.add<&channel_shift>({.name = "channel-shift",
                                .family = family,
                                .random = true,
                                .least_channels = 3,
                                .validity = "as under coloured light; not so where the colour is the class",
                                .summary = "tints the image"});
  registry.add<&invert>({.name = "invert",
                         .family = family,
                         .preserves = 3,
                         .validity = "up to 0.3 the image only pales; at a half it is flat grey, and beyond it a "
                                     "negative, in which digits are read but objects have false light and colours",
                         .summary = "blends the image with its negative"});
  registry.add<&posterise>({.name = "posterise",
                            .family = family,
                            .preserves = 4,
                            .validity = "four levels of a channel keep the outlines; two lose them in dark or pale "
                                        "images",
                            .summary = "leaves few values to a channel"});
}

}  // namespace faultline
