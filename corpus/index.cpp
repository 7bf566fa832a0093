#include "faultline/corpus/index.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <chrono>
#include <set>

#include "faultline/core/error.h"
#include "faultline/corpus/index_file.h"
#include "faultline/data/array.h"

namespace faultline {

namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 3;        // raised with every change of what the tables hold
constexpr int kPatience = 20'000;  // milliseconds that another process may take to refresh

constexpr const char* kTables = R"sql(
CREATE TABLE findings(id TEXT PRIMARY KEY, changed INTEGER NOT NULL, oracle TEXT, label INTEGER, target INTEGER,
  norm TEXT, epsilon REAL, shape TEXT, signature TEXT, attack TEXT, prediction INTEGER, distance REAL, confidence REAL,
  sample INTEGER, first_seen TEXT) WITHOUT ROWID;
CREATE TABLE discoveries(finding TEXT NOT NULL, line TEXT, model TEXT, data TEXT, sample INTEGER, attack TEXT,
  seed INTEGER, prediction INTEGER, margin REAL, confidence REAL, distance REAL, date TEXT);
CREATE TABLE states(finding TEXT, line TEXT, state TEXT, prediction INTEGER, until TEXT, reason TEXT, date TEXT,
  heads INTEGER, PRIMARY KEY(finding, line)) WITHOUT ROWID;
CREATE INDEX discoveries_of ON discoveries(finding, line);
CREATE INDEX signatures ON findings(signature);
CREATE VIEW finding_states AS
  SELECT s.finding, s.line, s.state FROM states s JOIN findings f ON f.id = s.finding
  UNION ALL SELECT DISTINCT finding, line, 'open' FROM discoveries d
    WHERE NOT EXISTS (SELECT 1 FROM states s WHERE s.finding = d.finding AND s.line = d.line);
CREATE VIEW open_findings AS
  SELECT line, f.* FROM finding_states s JOIN findings f ON f.id = s.finding WHERE s.state = 'open';
CREATE VIEW clusters AS
  SELECT s.line, f.signature, count(*) AS findings, sum(s.state = 'open') AS open, sum(s.state = 'fixed') AS fixed,
    min(f.distance) AS nearest FROM finding_states s JOIN findings f ON f.id = s.finding GROUP BY s.line, f.signature;
)sql";

/// Whether what went wrong is the file itself, which is then to be made again; one that is locked is not.
bool is_damaged(const SQLite::Exception& error) {
  const int code = error.getErrorCode();
  return code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
}

/// Everything out of a database of another version. Its file stays: other processes may have it open.
void clear(SQLite::Database& database) {
  std::vector<std::string> drops;
  const char* const kAll =
      "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'";
  for (SQLite::Statement all(database, kAll); all.executeStep();) {
    drops.push_back("DROP " + all.getColumn(0).getString() + " \"" + all.getColumn(1).getString() + "\"");
  }
  for (const std::string& drop : drops) {
    database.exec(drop);
  }
}

SQLite::Database open_database(const std::string& file) {
  SQLite::Database database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kPatience);
  database.exec("PRAGMA synchronous=OFF");  // a cache
  // A transaction that reads first and then writes fails at once when another one does the same.
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  if (database.execAndGet("PRAGMA user_version").getInt() != kVersion) {
    clear(database);
    database.exec(kTables);
    database.exec("PRAGMA user_version=" + std::to_string(kVersion));
  }
  transaction.commit();
  return database;
}

/// Changes whenever a file is added to the folder.
std::int64_t change_of(const fs::path& folder) {
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0) {
    return -1;
  }
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec;
}

void bind(SQLite::Statement& statement, int place, const std::optional<std::int64_t>& value) {
  if (value) {
    statement.bind(place, *value);
  } else {
    statement.bind(place);
  }
}

Json value_of(const SQLite::Column& column) {
  if (column.isNull()) {
    return nullptr;
  }
  if (column.isInteger()) {
    return column.getInt64();
  }
  return column.isFloat() ? Json(column.getDouble()) : Json(column.getString());
}

/// SQLite would run the first of several statements and say nothing of the others.
void check_is_one_statement(sqlite3* database, const std::string& sql) {
  int statements = 0;
  for (const char* rest = sql.c_str(); *rest != '\0';) {
    sqlite3_stmt* statement = nullptr;
    const int status = sqlite3_prepare_v2(database, rest, -1, &statement, &rest);
    sqlite3_finalize(statement);
    if (status != SQLITE_OK) {
      throw Error{ErrorCode::kUsage, std::string("SQL: ") + sqlite3_errmsg(database)};
    }
    statements += statement != nullptr ? 1 : 0;
  }
  if (statements != 1) {
    throw Error{ErrorCode::kUsage, "SQL: expected one statement, got " + std::to_string(statements)};
  }
}

}  // namespace

struct Index::Implementation {
  SQLite::Database database;

  void refresh(const Corpus& corpus, const DamageObserver& damaged) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    std::map<std::string, std::int64_t> known;
    for (SQLite::Statement all(database, "SELECT id, changed FROM findings"); all.executeStep();) {
      known[all.getColumn(0).getString()] = all.getColumn(1).getInt64();
    }
    for (const std::string& id : corpus.ids()) {
      const std::int64_t changed = change_of(corpus.folder_of(id));
      const auto earlier = known.find(id);
      if (earlier == known.end() || earlier->second != changed) {
        read(corpus, id, changed, damaged);
      }
      if (earlier != known.end()) {
        known.erase(earlier);
      }
    }
    for (const auto& [id, changed] : known) {
      forget(id);
    }
    read_states(corpus, damaged);
    transaction.commit();
  }

  void forget(const std::string& id) {
    for (const char* sql : {"DELETE FROM findings WHERE id = ?", "DELETE FROM discoveries WHERE finding = ?"}) {
      SQLite::Statement statement(database, sql);
      statement.bind(1, id);
      statement.exec();
    }
  }

  void read(const Corpus& corpus, const std::string& id, std::int64_t changed, const DamageObserver& damaged) {
    forget(id);
    try {
      if (const std::optional<StoredFacts> facts = corpus.facts(id, damaged)) {
        insert(*facts, changed);
      }
    } catch (const Error& error) {
      damaged(error.what());
    }
  }

  void insert(const StoredFacts& facts, std::int64_t changed) {
    const Discovery& first = first_of(facts.discoveries);
    SQLite::Statement row(database, "INSERT INTO findings VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    row.bind(1, facts.id);
    row.bind(2, changed);
    row.bind(3, facts.failure.oracle);
    row.bind(4, facts.failure.label);
    bind(row, 5, facts.failure.target);
    if (facts.failure.budget) {
      row.bind(6, std::string(name_of(facts.failure.budget->norm)));
      row.bind(7, facts.failure.budget->epsilon);
    }
    row.bind(8, shape_text(facts.failure.shape));
    row.bind(9, signature_of(facts.failure, first));
    row.bind(10, first.attack);
    row.bind(11, first.prediction);
    row.bind(12, first.distance);
    row.bind(13, first.confidence);
    row.bind(14, first.sample);
    row.bind(15, first.date);
    row.exec();
    SQLite::Statement found(database, "INSERT INTO discoveries VALUES(?,?,?,?,?,?,?,?,?,?,?,?)");
    for (const Discovery& discovery : facts.discoveries) {
      found.bind(1, facts.id);
      found.bind(2, discovery.line);
      found.bind(3, discovery.model);
      found.bind(4, discovery.data);
      found.bind(5, discovery.sample);
      found.bind(6, discovery.attack);
      found.bind(7, static_cast<std::int64_t>(discovery.seed));
      found.bind(8, discovery.prediction);
      found.bind(9, discovery.margin);
      found.bind(10, discovery.confidence);
      found.bind(11, discovery.distance);
      found.bind(12, discovery.date);
      found.exec();
      found.reset();
    }
  }

  /// Events are few: all of them, every time.
  void read_states(const Corpus& corpus, const DamageObserver& damaged) {
    database.exec("DELETE FROM states");
    const std::vector<ParsedEvents> events = corpus.events(damaged);
    SQLite::Statement row(database, "INSERT INTO states VALUES(?,?,?,?,?,?,?,?)");
    for (const std::string& line : lines_of(events)) {
      const States states(events, line);
      for (const auto& [finding, state] : states.all()) {
        row.bind(1, finding);
        row.bind(2, line);
        row.bind(3, name_of(state.event.state));
        bind(row, 4, state.event.prediction);
        row.bind(5, state.event.until);
        row.bind(6, state.event.reason);
        row.bind(7, state.date);
        row.bind(8, static_cast<int>(state.heads.size()));
        row.exec();
        row.reset();
      }
    }
  }
};

Index::Index(const Corpus& corpus, const DamageObserver& damaged) : file_(index_file(corpus.path())) {
  const auto open_and_refresh = [&](const std::string& file) {
    implementation_ = std::make_unique<Implementation>(Implementation{open_database(file)});
    implementation_->refresh(corpus, damaged);
  };
  const IndexLock lock(file_, std::chrono::milliseconds(kPatience));
  for (int attempt = 0; lock.held() && attempt < 2; ++attempt) {
    try {
      open_and_refresh(file_.string());
      return;
    } catch (const SQLite::Exception& error) {
      implementation_.reset();
      if (!is_damaged(error)) {
        break;  // locked for longer than can be waited for, or not to be written
      }
      remove_database(file_);
    }
  }
  file_.clear();
  open_and_refresh(":memory:");
}

Index::~Index() = default;

std::vector<IndexedFinding> Index::select(const FindingFilter& filter) {
  SQLite::Statement rows(implementation_->database, R"sql(
    SELECT f.id, f.oracle, f.label, f.prediction, ifnull(f.norm, ''), ifnull(f.epsilon, 0), f.distance, f.confidence,
      f.attack, f.sample, f.signature, f.first_seen, ifnull(s.state, 'unseen') AS state
    FROM findings f LEFT JOIN finding_states s ON s.finding = f.id AND s.line = ?1
    WHERE (?2 = '' OR ifnull(s.state, 'unseen') = ?2) AND (?3 IS NULL OR f.label = ?3)
      AND (?4 IS NULL OR f.prediction = ?4)
      AND (?5 = '' OR f.attack = ?5) AND (?6 = '' OR f.signature = ?6) AND f.id GLOB ?7 || '*'
    ORDER BY f.id LIMIT ?8)sql");
  rows.bind(1, filter.line);
  rows.bind(2, filter.state);
  bind(rows, 3, filter.label);
  bind(rows, 4, filter.prediction);
  rows.bind(5, filter.attack);
  rows.bind(6, filter.signature);
  rows.bind(7, filter.id_prefix);
  rows.bind(8, filter.limit);
  std::vector<IndexedFinding> findings;
  while (rows.executeStep()) {
    findings.push_back({.id = rows.getColumn(0).getString(),
                        .oracle = rows.getColumn(1).getString(),
                        .label = rows.getColumn(2).getInt64(),
                        .prediction = rows.getColumn(3).getInt64(),
                        .norm = rows.getColumn(4).getString(),
                        .epsilon = rows.getColumn(5).getDouble(),
                        .distance = rows.getColumn(6).getDouble(),
                        .confidence = rows.getColumn(7).getDouble(),
                        .attack = rows.getColumn(8).getString(),
                        .sample = rows.getColumn(9).getInt64(),
                        .signature = rows.getColumn(10).getString(),
                        .first_seen = rows.getColumn(11).getString(),
                        .state = rows.getColumn(12).getString()});
  }
  return findings;
}

std::vector<Cluster> Index::clusters(const std::string& line) {
  // SQLite takes the bare column `id` from the row that has the minimum.
  SQLite::Statement rows(implementation_->database, R"sql(
    SELECT f.signature, count(*), sum(ifnull(s.state, '') = 'open'), sum(ifnull(s.state, '') = 'fixed'),
      min(f.distance), f.id
    FROM findings f LEFT JOIN finding_states s ON s.finding = f.id AND s.line = ?1
    GROUP BY f.signature ORDER BY 2 DESC, 1)sql");
  rows.bind(1, line);
  std::vector<Cluster> clusters;
  while (rows.executeStep()) {
    const std::int64_t findings = rows.getColumn(1).getInt64();
    const std::int64_t open = rows.getColumn(2).getInt64();
    const std::int64_t fixed = rows.getColumn(3).getInt64();
    clusters.push_back({rows.getColumn(0).getString(), findings, open, fixed, findings - open - fixed,
                        rows.getColumn(4).getDouble(), rows.getColumn(5).getString()});
  }
  return clusters;
}

QueryResult Index::query(const std::string& sql) {
  QueryResult result;
  try {
    implementation_->database.exec("PRAGMA query_only=ON");
    sqlite3_limit(implementation_->database.getHandle(), SQLITE_LIMIT_ATTACHED, 0);  // ATTACH would make files
    check_is_one_statement(implementation_->database.getHandle(), sql);
    SQLite::Statement statement(implementation_->database, sql);
    for (int column = 0; column < statement.getColumnCount(); ++column) {
      result.columns.emplace_back(statement.getColumnName(column));
    }
    while (statement.executeStep()) {
      std::vector<Json> row;
      for (int column = 0; column < statement.getColumnCount(); ++column) {
        row.push_back(value_of(statement.getColumn(column)));
      }
      result.rows.push_back(std::move(row));
    }
  } catch (const SQLite::Exception& error) {
    throw Error{ErrorCode::kUsage, std::string("SQL: ") + error.what()};
  }
  return result;
}

}  // namespace faultline
