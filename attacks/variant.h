// Attacks that exist twice: to the letter of a reference, and as we would have them.
#pragma once

namespace faultline {

/// kOwn leaves out what the reference does for no effect, and mends what stands in its way. kPublished does what the
/// reference implementation (AutoAttack, arXiv:2003.01690, its code of 2023) does, needless passes included, so that
/// costs compare; but for the random draws, which are per sample, and rows that leave when they are broken.
enum class Variant { kOwn, kPublished };

}  // namespace faultline
