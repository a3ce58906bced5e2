#include "world.hpp"

#include <algorithm>

#include "failure.hpp"
#include "log/kinds.hpp"

namespace salus::simulate {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t start_ns = 1'767'225'600'000 * ms;
constexpr std::size_t rest_rounds_max = 100;

Entry tick() {
  return {{log::kind::tick, 1, {}, 0}, Nothing{}};
}

void compare(const Tables& a, const Tables& b, std::string_view what) {
  for (const auto& [name, table] : b) {
    const auto& left = a.find(name)->second.pairs();
    const auto& right = table.pairs();
    const auto [at, other] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (at == left.end() && other == right.end()) continue;
    const std::string key = at != left.end() ? at->first : other->first;
    throw Failed(fmt::format("{}: table {} differs at key '{}' ({} and {} rows)", what, name, key.substr(0, 40),
                             left.size(), right.size()));
  }
}

}  // namespace

World::World(std::uint64_t seed)
    : random_(seed),
      workload_(seed ^ 0x5EED),
      records_("records", seed * 2),
      telemetry_("telemetry", seed * 2 + 1),
      now_(time_from_ns(start_ns)) {}

Counts World::run() {
  const std::uint64_t lives = 2 + below(5);
  for (std::uint64_t life = 0; life < lives; ++life) {
    if (!begin_life()) continue;
    const std::uint64_t steps = 10 + below(120);
    bool alive = true;
    for (std::uint64_t i = 0; alive && i < steps; ++i) alive = step();
    if (alive) end_life(one_in(4) ? End::stop : one_in(3) ? End::kill : End::power_loss);
  }
  while (!begin_life()) {
  }
  rest();
  end_life(End::stop);
  counts_.entries = records_.entries_stored() + telemetry_.entries_stored();
  return counts_;
}

bool World::begin_life() {
  now_ += nanoseconds{static_cast<std::int64_t>(below(30'000)) * ms};
  if (one_in(6)) now_ -= nanoseconds{static_cast<std::int64_t>(below(60'000)) * ms};  // the wall clock was set back
  workload_.new_sessions();
  wish_sent_ = 0;
  records_.open();
  telemetry_.open();
  check_rebuilt();
  bool alive = !one_in(15);
  if (alive) {
    alive = !one_in(15);
    records_.begin_epoch({}, now_, alive);
  }
  if (alive) {
    alive = !one_in(15);
    telemetry_.begin_epoch(records_.durable().offset, now_, alive);
  }
  if (!alive) {
    end_life(one_in(3) ? End::kill : End::power_loss);
    return false;
  }
  records_node_ = std::make_unique<RecordsNode>(records_saved_, records_);
  telemetry_node_ = std::make_unique<TelemetryNode>(telemetry_saved_, telemetry_, records_);
  return true;
}

void World::end_life(End how) {
  if (how == End::stop && flush(records_) && flush(telemetry_)) check_live();
  records_node_.reset();
  telemetry_node_.reset();
  counts_.crashes += how == End::stop ? 0 : 1;
  for (Partition* partition : {&records_, &telemetry_}) {
    if (how == End::power_loss) partition->power_loss();
    if (how == End::kill) partition->kill();
    if (how == End::stop) partition->stop();
  }
  const auto& unacknowledged = telemetry_.unacknowledged();
  lost_.insert(lost_.end(), unacknowledged.begin(), unacknowledged.end());
}

// From the last checkpoint and from nothing the same bytes come out, and they say what the model says.
void World::check_rebuilt() {
  RecordsNode records{{}, records_};
  const Tables record_tables = records.save().tables;
  compare(RecordsNode{records_saved_, records_}.save().tables, record_tables,
          "records from a checkpoint and from nothing");
  RecordsModel records_model;
  for (const Ordered& ordered : records_.history()) records_model.apply(ordered);
  records_model.compare(records);

  TelemetryNode telemetry{{}, telemetry_, records_};
  const Tables tables = telemetry.save().tables;
  compare(TelemetryNode{telemetry_saved_, telemetry_, records_}.save().tables, tables,
          "telemetry from a checkpoint and from nothing");
  TelemetryModel model{records_.history()};
  for (const Ordered& ordered : telemetry_.history()) model.apply(ordered);
  model.compare(telemetry, tables, one_in(4) ? 16 : 10'000);
  expect(telemetry.heard.watched == model.watched(), "temp_body alarmed {} times, the model says {}",
         telemetry.heard.watched.size(), model.watched().size());
}

// What lived through all of it holds the same bytes as what is rebuilt. Requires: everything is durable.
void World::check_live() {
  records_node_->apply_durable();
  compare(records_node_->save().tables, RecordsNode{{}, records_}.save().tables, "records live and from nothing");
  compare(telemetry_node_->save().tables, TelemetryNode{{}, telemetry_, records_}.save().tables,
          "telemetry live and from nothing");
}

bool World::step() {
  if (!one_in(3)) now_ += nanoseconds{static_cast<std::int64_t>(below(one_in(20) ? 400'000 : 1'500)) * ms};
  switch (below(20)) {
    case 0:
    case 1:
      return controls(), true;
    case 2:
      return order_telemetry({tick()}), true;
    case 3:
    case 4:
      return wishes(), true;
    case 5:
    case 6:
    case 7:
      return flush(records_), true;
    case 8:
    case 9:
    case 10:
      return flush(telemetry_), true;
    case 11:
      return checkpoints(), true;
    case 12:
      return fault();
    default:
      return traffic(), true;
  }
}

bool World::flush(Partition& partition) {
  if (!partition.flush()) return false;
  if (&partition == &records_) records_node_->apply_durable();
  return true;
}

void World::order_telemetry(std::vector<Entry> entries) {
  telemetry_node_->apply(*telemetry_.order(std::move(entries), records_.durable().offset, now_));
}

void World::traffic() {
  std::vector<Entry> entries;
  for (std::uint64_t left = 1 + below(3); left > 0; --left) {
    if (!lost_.empty() && one_in(3)) {
      entries.push_back(Workload::again(std::get<Messages>(lost_.back()), now_));
      lost_.pop_back();
    } else {
      entries.push_back(workload_.messages(now_));
    }
  }
  order_telemetry(std::move(entries));
}

void World::controls() {
  std::vector<Entry> entries;
  for (std::uint64_t left = 1 + below(3); left > 0; --left) entries.push_back(workload_.control(now_));
  const auto active = records_node_->alarms.list({.state = monitor::AlarmState::active, .limit = 8}).items;
  if (!active.empty() && one_in(3)) {
    const std::string& id = active[below(active.size())].id;
    entries.push_back({{log::kind::alarm_acknowledged, 1, fmt::format(R"({{"id":"{}","by":"nurse"}})", id), 0},
                       AlarmEvent{log::kind::alarm_acknowledged, id}});
  }
  records_.order(std::move(entries), {}, now_);
}

// What telemetry knows leaves it only once it is durable; a wish may be sent twice.
void World::wishes() {
  if (!telemetry_.all_durable()) return;
  std::vector<Entry> entries;
  for (const monitor::Wish& wish : telemetry_node_->telemetry.outbox(16)) {
    if (wish.number <= wish_sent_ && !one_in(8)) continue;
    entries.push_back({{wish.kind, 1, wish.body, 0}, AlarmEvent{wish.kind, wish.condition}});
    wish_sent_ = std::max(wish_sent_, wish.number);
  }
  if (!entries.empty()) records_.order(std::move(entries), {}, now_);
}

void World::checkpoints() {
  if (telemetry_.all_durable()) {
    if (one_in(6)) check_live();
    telemetry_saved_ = telemetry_node_->save();
  }
  if (!records_.failed()) records_saved_ = records_node_->save();
}

bool World::fault() {
  Partition& partition = one_in(2) ? records_ : telemetry_;
  switch (below(6)) {
    case 0:
      partition.disk().fail_syncs(true);
      return true;
    case 1:
      partition.disk().fail_writes(true);
      return true;
    case 2:
      partition.disk().set_capacity(0);  // full: no new segment
      return true;
    case 3:
      partition.write_some(1 + below(4));
      end_life(one_in(3) ? End::kill : End::power_loss);
      return false;
    default:
      partition.prepare_spare();
      return true;
  }
}

// Until nothing is left to do: every alarm that telemetry raised stands in `records`, once, and is over when it should.
void World::rest() {
  for (std::size_t round = 0;; ++round) {
    expect(round < rest_rounds_max, "the outbox does not drain: {} wishes are left",
           telemetry_node_->telemetry.outbox_size());
    order_telemetry({tick()});
    expect(flush(telemetry_), "a whole disk refuses");
    if (telemetry_node_->telemetry.outbox_size() == 0) break;
    wish_sent_ = 0;
    wishes();
    expect(flush(records_), "a whole disk refuses");
  }
  const TelemetryNode rebuilt{{}, telemetry_, records_};
  std::vector<std::string> stored;
  std::size_t over = 0;
  for (const monitor::Alarm& alarm : records_node_->alarms.list({.limit = 1'000'000}).items) {
    stored.push_back(alarm.id);
    over += alarm.is_active() ? 0 : 1;
  }
  std::vector<std::string> raised = rebuilt.heard.raised;
  std::ranges::sort(raised);
  std::ranges::sort(stored);
  expect(raised == stored, "{} alarms were raised, {} are recorded", raised.size(), stored.size());
  expect(rebuilt.heard.ended.size() == over, "{} alarms ended, {} are recorded as over", rebuilt.heard.ended.size(),
         over);
}

}  // namespace salus::simulate
