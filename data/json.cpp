#include "faultline/data/json.h"

template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace faultline {

std::string json_text(const Json& json) {
  return json.dump(/*indent=*/2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace faultline
