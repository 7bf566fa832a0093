#include "faultline/data/json.h"

template class nlohmann::basic_json<nlohmann::ordered_map>;
