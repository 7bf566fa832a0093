#include "faultline/corpus/state.h"

#include <algorithm>
#include <set>
#include <utility>

#include "faultline/core/error.h"
#include "faultline/core/suggest.h"
#include "faultline/corpus/finding.h"
#include "faultline/corpus/json_fields.h"
#include "faultline/data/sha256.h"

namespace faultline {

namespace {

constexpr const char* kEventsSchema = "faultline.events/1";
constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kLongestLine = std::size_t{64} * 1024;

std::string header_line(const EventFile& file) {
  Json json{{"schema", kEventsSchema}, {"kind", file.kind}, {"line", file.line}};
  json["model"] = file.model;
  json["faultline"] = file.faultline;
  json["date"] = file.date;
  json["verdicts"] = file.verdicts;
  return json_line(json);
}

std::string event_line(const StateEvent& event) {
  Json json{{"finding", event.finding}, {"state", name_of(event.state)}};
  if (event.prediction) {
    json["prediction"] = *event.prediction;
  }
  if (event.was) {
    json["was"] = name_of(*event.was);
  }
  if (!event.until.empty()) {
    json["until"] = event.until;
    json["reason"] = event.reason;
  }
  json["after"] = event.after;
  return json_line(json);
}

std::string event_id(std::string_view header, std::string_view line) {
  const std::string text = std::string(header) + "\n" + std::string(line);
  return sha256_of(std::as_bytes(std::span(text))).substr(0, kIdDigits);
}

EventFile parse_header(const Json& json) {
  EventFile file{.kind = json.at("kind").get<std::string>(), .line = json.at("line").get<std::string>()};
  file.model = json.at("model").get<std::string>();
  file.faultline = json.at("faultline").get<std::string>();
  file.date = json.at("date").get<std::string>();
  for (const auto& [verdict, count] : json.at("verdicts").get_ref<const Json::object_t&>()) {
    file.verdicts[verdict] = integer(count);
  }
  return file;
}

/// `where` is the file and the line.
State parse_field(const Json& field, const std::string& where) {
  const auto& text = field.get_ref<const std::string&>();
  try {
    return parse_state(text);
  } catch (const Error& error) {
    throw Error{ErrorCode::kUsage, where + "has an " + error.what()};
  }
}

StateEvent parse_event(const Json& json, const std::string& where) {
  StateEvent event{.finding = json.at("finding").get<std::string>(), .state = parse_field(json.at("state"), where)};
  if (json.contains("prediction")) {
    event.prediction = integer(json["prediction"]);
  }
  if (json.contains("was")) {
    event.was = parse_field(json["was"], where);
  }
  event.until = json.value("until", "");
  event.reason = json.value("reason", "");
  event.after = json.at("after").get<std::vector<std::string>>();
  return event;
}

/// Calls visit(number from 1, line) for each line of the text.
template <typename Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    visit(number, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

const std::vector<std::string>& state_names() {
  static const std::vector<std::string> kNames{"open", "fixed", "flaky", "accepted", "invalid"};
  return kNames;
}

std::string name_of(State state) { return state_names()[static_cast<std::size_t>(state)]; }

State parse_state(const std::string& name) {
  const auto place = std::ranges::find(state_names(), name);
  if (place == state_names().end()) {
    throw Error{ErrorCode::kUsage, "unknown state '" + name + "'" + did_you_mean(name, state_names())};
  }
  return static_cast<State>(place - state_names().begin());
}

std::string event_file_bytes(const EventFile& file) {
  std::string text = header_line(file) + "\n";
  for (const StateEvent& event : file.events) {
    text += event_line(event) + "\n";
  }
  return text;
}

std::string event_file_name(std::string_view bytes) { return sha256_of(std::as_bytes(std::span(bytes))) + ".jsonl"; }

ParsedEvents parse_event_file(Bytes bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  ParsedEvents parsed;
  std::string_view header;
  for_each_line(text, [&](std::size_t number, std::string_view line) {
    const std::string where = "line " + std::to_string(number) + " ";
    const Json json = line.size() <= kLongestLine ? parse_json(line) : Json();
    if (!json.is_object()) {
      refuse(name, where + "is no JSON object of at most 64 KB");
    }
    if (has_control_characters(line)) {
      refuse(name, where + "holds a control character in a text");
    }
    try {
      if (number == 1) {
        header = line;
        if (!has_schema(json, kEventsSchema)) {
          refuse(name, std::string("is no event file of schema ") + kEventsSchema);
        }
        parsed.file = parse_header(json);
        return;
      }
      StateEvent event = parse_event(json, name + ": " + where);
      if (!is_id(event.finding)) {
        refuse(name, where + "names no finding");
      }
      parsed.ids.push_back(event_id(header, line));
      parsed.file.events.push_back(std::move(event));
    } catch (const nlohmann::json::exception&) {
      refuse(name, where + "lacks a field, or has one of the wrong type");
    }
  });
  if (header.empty()) {
    refuse(name, "is empty");
  }
  return parsed;
}

std::set<std::string> lines_of(const std::vector<ParsedEvents>& files) {
  std::set<std::string> lines;
  for (const ParsedEvents& parsed : files) {
    lines.insert(parsed.file.line);
  }
  return lines;
}

States::States(const std::vector<ParsedEvents>& files, const std::string& line) {
  std::set<std::string> replaced;
  for (const ParsedEvents& parsed : files) {
    if (parsed.file.line == line) {
      for (const StateEvent& event : parsed.file.events) {
        replaced.insert(event.after.begin(), event.after.end());
      }
    }
  }
  for (const ParsedEvents& parsed : files) {
    for (std::size_t i = 0; parsed.file.line == line && i < parsed.ids.size(); ++i) {
      if (replaced.contains(parsed.ids[i])) {
        continue;
      }
      LineState& state = states_[parsed.file.events[i].finding];
      state.heads.push_back(parsed.ids[i]);
      if (state.heads.size() == 1 || parsed.ids[i] < state.heads.front()) {
        std::swap(state.heads.front(), state.heads.back());  // the lowest so far stays in front
        state.event = parsed.file.events[i];
        state.date = parsed.file.date;
      }
    }
  }
  for (auto& [finding, state] : states_) {
    std::ranges::sort(state.heads);
  }
}

const LineState* States::of(const std::string& finding) const {
  const auto place = states_.find(finding);
  return place == states_.end() ? nullptr : &place->second;
}

}  // namespace faultline
