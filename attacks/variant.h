// Attacks that exist twice: to the letter of a reference, and as we would have them.
#pragma once

namespace faultline {

/// kOwn leaves out what the reference does for no effect, and mends what stands in its way. kPublished does what the
/// reference implementation (AutoAttack, arXiv:2003.01690, its code of 2023) does, needless passes included, so that
/// costs compare; but for the random draws, which are per sample, rows that leave when they are broken, the point that
/// is returned, which is the best one seen (in L1 of wider radii too), and with eot > 1 a success that is judged on the
/// mean of the calls rather than on the last.
enum class Variant { kOwn, kPublished };

}  // namespace faultline
