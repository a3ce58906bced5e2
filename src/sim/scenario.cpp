#include "sim/scenario.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "base/assert.hpp"
#include "sim/scenario_texts.hpp"

namespace salus::sim {
namespace {

struct Range {
  double low, high;
};

std::optional<double> number_of(std::string_view word, Range range) {
  double value = 0;
  const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), value, std::chars_format::fixed);
  if (wrong != std::errc{} || end != word.data() + word.size() || !(value >= range.low && value <= range.high))
    return std::nullopt;
  return value;
}

// "1m30s": parts with a unit each, from large to small.
std::optional<milliseconds> time_of(std::string_view word) {
  static constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"h", 3'600'000}, {"ms", 1}, {"m", 60'000}, {"s", 1'000}};
  std::int64_t total = 0, last = INT64_MAX;
  if (word.empty()) return std::nullopt;
  while (!word.empty()) {
    std::uint32_t count = 0;
    const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), count);
    if (wrong != std::errc{}) return std::nullopt;
    word.remove_prefix(static_cast<std::size_t>(end - word.data()));
    const auto unit = std::ranges::find_if(units, [&](const auto& u) { return word.starts_with(u.first); });
    if (unit == std::end(units) || unit->second >= last) return std::nullopt;
    last = unit->second;
    word.remove_prefix(unit->first.size());
    total += count * unit->second;
    if (total > ScenarioLimits::time_max.count()) return std::nullopt;
  }
  return milliseconds{total};
}

std::optional<bool> switch_of(std::string_view word) {
  if (word == "on") return true;
  if (word == "off") return false;
  return std::nullopt;
}

std::optional<Rhythm> rhythm_of(std::string_view word) {
  static constexpr std::string_view names[] = {"sinus", "af", "vt", "vf", "asystole", "paced"};
  const auto at = std::ranges::find(names, word);
  if (at == std::end(names)) return std::nullopt;
  return static_cast<Rhythm>(at - std::begin(names));
}

class Reader {
 public:
  Reader(std::string name, std::string_view text) : text_(text) { scenario_.name = std::move(name); }

  Result<Scenario> read() {
    while (!text_.empty()) {
      next_line();
      if (words_.empty()) continue;
      if (auto done = statement(); !done) return fail(done.error());
    }
    const milliseconds end = scenario_.changes.empty() ? milliseconds{0} : end_of(scenario_.changes.back());
    if (scenario_.repeat && (*scenario_.repeat < end || *scenario_.repeat < milliseconds{1'000}))
      return refuse("'repeat' must come after everything before it is over, and after 1s at the least");
    if (scenario_.title.empty()) scenario_.title = scenario_.name;
    return std::move(scenario_);
  }

 private:
  static milliseconds end_of(const Change& change) { return change.at + change.over; }

  tl::unexpected<Error> refuse(std::string_view what) const {
    return fail(ErrorCode::invalid, "Scenario '{}', line {}: {}.", scenario_.name, line_, what);
  }

  void next_line() {
    ++line_;
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    whole_ = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    whole_ = whole_.substr(0, whole_.find('#'));
    words_.clear();
    for (std::size_t at = 0; at < whole_.size();) {
      const std::size_t from = whole_.find_first_not_of(" \t\r", at);
      if (from == std::string_view::npos) break;
      at = std::min(whole_.find_first_of(" \t\r", from), whole_.size());
      words_.push_back(whole_.substr(from, at - from));
    }
  }

  Result<void> statement() {
    if (words_[0] == "title") {
      scenario_.title = words_.size() > 1 ? std::string(words_[1].begin(), words_.back().end()) : "";
      return {};
    }
    if (words_[0] == "start") return settings(1, scenario_.start);
    if (words_[0] == "at") return at();
    if (words_[0] == "repeat") {
      scenario_.repeat = words_.size() == 2 ? time_of(words_[1]) : std::nullopt;
      if (!scenario_.repeat) return refuse("'repeat' needs a time such as 5m");
      return {};
    }
    return refuse("a line begins with title, start, at or repeat");
  }

  Result<void> at() {
    if (scenario_.changes.size() == ScenarioLimits::changes_max) return refuse("there are more than 1,000 changes");
    Change change;
    const auto time = words_.size() > 1 ? time_of(words_[1]) : std::nullopt;
    if (!time) return refuse("'at' needs a time such as 90s or 1m30s");
    change.at = *time;
    if (!scenario_.changes.empty() && change.at < scenario_.changes.back().at)
      return refuse("times of 'at' must ascend");
    std::size_t next = 2;
    if (words_.size() > 3 && words_[2] == "over") {
      const auto over = time_of(words_[3]);
      if (!over) return refuse("'over' needs a time such as 30s");
      change.over = *over;
      next = 4;
    }
    if (next >= words_.size()) return refuse("'at' needs at least one setting, such as hr 120");
    if (auto done = settings(next, change); !done) return done;
    scenario_.changes.push_back(change);
    return {};
  }

  Result<void> settings(std::size_t next, Change& change) {
    for (; next < words_.size(); next += 2) {
      if (next + 1 == words_.size()) return refuse(fmt::format("'{}' needs a value", shown(words_[next])));
      if (!setting(words_[next], words_[next + 1], change))
        return refuse(
            fmt::format("'{} {}' is no setting or out of its range", shown(words_[next]), shown(words_[next + 1])));
    }
    return {};
  }

  static std::string_view shown(std::string_view word) { return word.substr(0, 40); }

  static bool setting(std::string_view name, std::string_view value, Change& to) {
    if (name == "hr") return (to.heart_rate = number_of(value, {0, 300})).has_value();
    if (name == "rr") return (to.respiration = number_of(value, {0, 80})).has_value();
    if (name == "spo2") return (to.spo2 = number_of(value, {0, 100})).has_value();
    if (name == "temp") return (to.temperature = number_of(value, {20, 45})).has_value();
    if (name == "drift") return (to.drift_ppm = number_of(value, {-50'000, 50'000})).has_value();
    if (name == "rhythm") return (to.rhythm = rhythm_of(value)).has_value();
    if (name == "oxygen") return (to.oxygen = switch_of(value)).has_value();
    if (name == "capture") return (to.capture = switch_of(value)).has_value();
    if (name == "lead") return (to.lead = switch_of(value)).has_value();
    if (name == "probe") return (to.probe = switch_of(value)).has_value();
    if (name == "network") return (to.network = switch_of(value)).has_value();
    if (name == "clock") {
      const bool behind = value.starts_with('-');
      const auto time = time_of(value.substr(behind ? 1 : 0));
      if (time) to.clock = behind ? -*time : *time;
      return time.has_value();
    }
    if (name == "awake") {
      if (value.size() != 1 || std::string_view("ACVPU").find(value[0]) == std::string_view::npos) return false;
      to.awake = static_cast<Consciousness>(value[0]);
      return true;
    }
    if (name == "bp") {
      const std::size_t slash = value.find('/');
      if (slash == std::string_view::npos) return false;
      to.systolic = number_of(value.substr(0, slash), {0, 300});
      to.diastolic = number_of(value.substr(slash + 1), {0, 300});
      return to.systolic && to.diastolic && *to.diastolic <= *to.systolic;
    }
    return false;
  }

  std::string_view text_;
  std::string_view whole_;  // the line at hand, without its comment
  std::vector<std::string_view> words_;
  std::size_t line_ = 0;
  Scenario scenario_;
};

}  // namespace

Result<Scenario> parse_scenario(std::string name, std::string_view text) {
  if (text.size() > ScenarioLimits::bytes_max)
    return fail(ErrorCode::too_large, "Scenario '{}' has {} bytes; at most {} are taken.", name, text.size(),
                ScenarioLimits::bytes_max);
  return Reader{std::move(name), text}.read();
}

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = [] {
    std::vector<Scenario> read;
    for (const auto& [name, text] : scenario_texts) {
      auto scenario = parse_scenario(std::string(name), text);
      SALUS_ASSERT(scenario);  // each is read by a test
      read.push_back(std::move(*scenario));
    }
    return read;
  }();
  return all;
}

Result<Scenario> find_scenario(const std::string& name_or_file) {
  const auto& all = scenarios();
  if (const auto at = std::ranges::find(all, name_or_file, &Scenario::name); at != all.end()) return *at;
  std::ifstream in{name_or_file, std::ios::binary};
  if (!in) {
    std::string names;
    for (const Scenario& one : all) names += (names.empty() ? "" : ", ") + one.name;
    return fail(ErrorCode::not_found, "There is no scenario and no file '{}'. There are: {}.", name_or_file, names);
  }
  std::string text(ScenarioLimits::bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_scenario(name_or_file, text);
}

}  // namespace salus::sim
