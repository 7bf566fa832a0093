#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>
#include <map>

#include "faultline/cli/console.h"
#include "faultline/cli/corpus_flags.h"
#include "faultline/cli/corpus_subcommands.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/data/json.h"

namespace faultline {

namespace {

struct LsFlags {
  std::string corpus{};
  FilterFlags filter{};
  bool json = false;
};

struct LineFlags {
  std::string corpus{};
  std::string line = "main";
  bool json = false;
};

struct SqlFlags {
  std::string corpus{};
  std::string query{};
  bool json = false;
};

Json finding_json(const IndexedFinding& finding) {
  Json json{{"id", finding.id}, {"state", finding.state}, {"oracle", finding.oracle}, {"label", finding.label}};
  json["prediction"] = finding.prediction;
  json["norm"] = finding.norm.empty() ? Json(nullptr) : Json(finding.norm);
  json["epsilon"] = finding.norm.empty() ? Json(nullptr) : Json(finding.epsilon);
  json["distance"] = finding.norm.empty() ? Json(nullptr) : Json(finding.distance);
  json["confidence"] = finding.confidence;
  json["attack"] = finding.attack;
  json["sample"] = finding.sample;
  json["signature"] = finding.signature;
  json["first_seen"] = finding.first_seen;
  return json;
}

int ls(const LsFlags& flags) {
  const std::vector<IndexedFinding> findings = selected_findings(Corpus::open(flags.corpus), flags.filter);
  if (flags.json) {
    Json json{{"schema", "faultline.corpus.ls/1"}, {"line", flags.filter.filter.line}, {"findings", Json::array()}};
    for (const IndexedFinding& finding : findings) {
      json["findings"].push_back(finding_json(finding));
    }
    print(json_text(json));
    return 0;
  }
  std::vector<std::vector<std::string>> rows{
      {"id", "state", "label", "taken for", "norm", "epsilon", "distance", "attack", "sample", "first seen"}};
  for (const IndexedFinding& finding : findings) {
    const bool measured = !finding.norm.empty();  // transforms have no norm
    rows.push_back({short_id(finding.id), finding.state, std::to_string(finding.label),
                    std::to_string(finding.prediction), measured ? finding.norm : "-",
                    measured ? three_digits(finding.epsilon) : "-", measured ? three_digits(finding.distance) : "-",
                    finding.attack, std::to_string(finding.sample), finding.first_seen});
  }
  print(table(rows));
  return 0;
}

int clusters(const LineFlags& flags) {
  check_line(flags.line);
  Index index(Corpus::open(flags.corpus), warn_of_damage());
  const std::vector<Cluster> clusters = index.clusters(flags.line);
  if (flags.json) {
    Json json{{"schema", "faultline.corpus.clusters/1"}, {"line", flags.line}, {"clusters", Json::array()}};
    for (const Cluster& cluster : clusters) {
      json["clusters"].push_back({{"signature", cluster.signature},
                                  {"findings", cluster.findings},
                                  {"open", cluster.open},
                                  {"fixed", cluster.fixed},
                                  {"other", cluster.other},
                                  {"nearest", cluster.nearest},
                                  {"representative", cluster.representative}});
    }
    print(json_text(json));
    return 0;
  }
  std::vector<std::vector<std::string>> rows{
      {"signature", "findings", "open", "fixed", "other", "nearest", "representative"}};
  for (const Cluster& cluster : clusters) {
    rows.push_back({cluster.signature, std::to_string(cluster.findings), std::to_string(cluster.open),
                    std::to_string(cluster.fixed), std::to_string(cluster.other), three_digits(cluster.nearest),
                    short_id(cluster.representative)});
  }
  print(table(rows) + "\nline " + flags.line + "; nearest: the smallest distance, that of the representative\n");
  return 0;
}

std::string text_of(const Json& value) {
  if (value.is_null()) {
    return "";
  }
  return value.is_string() ? on_one_line(value.get<std::string>()) : value.dump();
}

std::map<std::string, std::int64_t> count_by(Index& index, const std::string& sql) {
  std::map<std::string, std::int64_t> counts;
  for (const std::vector<Json>& row : index.query(sql).rows) {
    counts[text_of(row[0])] = row[1].get<std::int64_t>();
  }
  return counts;
}

int stats(const LineFlags& flags) {
  check_line(flags.line);
  const Corpus corpus = Corpus::open(flags.corpus);
  Index index(corpus, warn_of_damage());
  std::map<std::string, std::int64_t> states;
  for (const IndexedFinding& finding : index.select({.line = flags.line})) {
    ++states[finding.state];
  }
  Json json{{"schema", "faultline.corpus.stats/1"}, {"path", flags.corpus}, {"line", flags.line}};
  json["findings"] = index.query("SELECT count(*) FROM findings").rows[0][0];
  json["clusters"] = index.query("SELECT count(DISTINCT signature) FROM findings").rows[0][0];
  json["discoveries"] = index.query("SELECT count(*) FROM discoveries").rows[0][0];
  json["states"] = states;
  json["by_attack"] = count_by(index, "SELECT attack, count(*) FROM findings GROUP BY 1");
  json["by_label"] = count_by(index, "SELECT label, count(*) FROM findings GROUP BY 1");
  json["by_norm"] = count_by(index, "SELECT ifnull(norm, 'none'), count(*) FROM findings GROUP BY 1");
  json["by_line"] = count_by(index, "SELECT line, count(*) FROM finding_states GROUP BY 1");
  json["models"] = index.query("SELECT count(DISTINCT model) FROM discoveries").rows[0][0];
  if (flags.json) {
    print(json_text(json));
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  for (const char* name : {"findings", "clusters", "discoveries", "models"}) {
    rows.push_back({name, json[name].dump()});
  }
  for (const char* group : {"states", "by_attack", "by_norm", "by_line", "by_label"}) {
    for (const auto& [name, count] : json[group].items()) {
      std::string kind = group == std::string("states") ? flags.line + ", state" : std::string(group).substr(3);
      rows.push_back({kind.append(" ").append(name), count.dump()});
    }
  }
  print(table(rows));
  return 0;
}

int print_schema(Index& index, const SqlFlags& flags) {
  const std::string where = index.file().string();
  const QueryResult schema = index.query("SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY type, name");
  Json json{{"schema", "faultline.corpus.sql/1"}, {"index", where.empty() ? Json(nullptr) : Json(where)}};
  json["definitions"] = Json::array();
  std::string text = "-- index: " + (where.empty() ? "in memory (no cache directory can be written)" : where) + "\n";
  for (const std::vector<Json>& row : schema.rows) {
    json["definitions"].push_back(row[0]);
    text += row[0].get<std::string>() + ";\n";
  }
  print(flags.json ? json_text(json) : text);
  return 0;
}

int sql(const SqlFlags& flags) {
  Index index(Corpus::open(flags.corpus), warn_of_damage());
  if (flags.query.empty()) {
    return print_schema(index, flags);
  }
  const QueryResult result = index.query(flags.query);
  if (flags.json) {
    print(json_text({{"schema", "faultline.corpus.sql/1"}, {"columns", result.columns}, {"rows", result.rows}}));
    return 0;
  }
  std::vector<std::vector<std::string>> rows{result.columns};
  for (const std::vector<Json>& row : result.rows) {
    std::ranges::transform(row, std::back_inserter(rows.emplace_back()), text_of);
  }
  print(table(rows));
  return 0;
}

}  // namespace

void add_corpus_ls(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<LsFlags>();
  CLI::App* command = app.add_subcommand("ls", "list findings");
  command->footer(
      "Examples:\n"
      "  faultline corpus ls corpus\n"
      "  faultline corpus ls corpus --state open --label 7 --json");
  add_corpus_argument(*command, flags->corpus);
  add_filter_flags(*command, flags->filter);
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags] { return ls(*flags); }; });
}

void add_corpus_clusters(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<LineFlags>();
  CLI::App* command = app.add_subcommand("clusters", "findings by signature, the largest first");
  command->footer(
      "Examples:\n"
      "  faultline corpus clusters corpus\n"
      "  faultline corpus clusters corpus --line release-2 --json\n\n"
      "A signature is the oracle, the right class, the class it was taken for, the attack, and the norm.");
  add_corpus_argument(*command, flags->corpus);
  add_line_flag(*command, flags->line);
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags] { return clusters(*flags); }; });
}

void add_corpus_stats(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<LineFlags>();
  CLI::App* command = app.add_subcommand("stats", "how many findings, by state, attack, norm and class");
  command->footer(
      "Examples:\n"
      "  faultline corpus stats corpus\n"
      "  faultline corpus stats corpus --json");
  add_corpus_argument(*command, flags->corpus);
  add_line_flag(*command, flags->line);
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags] { return stats(*flags); }; });
}

void add_corpus_sql(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<SqlFlags>();
  CLI::App* command = app.add_subcommand("sql", "query the index of the corpus in SQL");
  command->footer(
      "Examples:\n"
      "  faultline corpus sql corpus\n"
      "  faultline corpus sql corpus \"SELECT label, count(*) FROM open_findings WHERE line = 'main' GROUP BY "
      "label\"\n\n"
      "Without a query: where the SQLite file lies, and its tables and views. It is a cache and may be deleted.");
  add_corpus_argument(*command, flags->corpus);
  command->add_option("QUERY", flags->query, "one statement that reads");
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags] { return sql(*flags); }; });
}

}  // namespace faultline
