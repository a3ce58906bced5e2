#include "view/host.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/logging.hpp"
#include "base/thread.hpp"
#include "log/kinds.hpp"
#include "view/read_ahead.hpp"

namespace salus::view {
namespace {

using std::chrono::steady_clock;

constexpr const char* kHostTable = "host";
constexpr const char* kAppliedKey = "applied";
constexpr const char* kLayoutsKey = "layouts";
constexpr std::size_t kReadAheadBytes = 8 << 20;  // while replaying
constexpr milliseconds kIdle{20};                 // how late a timer may fire when nothing else happens
constexpr seconds kCheckpointPatience{5};         // then a checkpoint waits for the disk
constexpr milliseconds kCheckpointWait{50};       // but never longer than this

std::string upstream_table(const View& view) {
  return fmt::format("upstream.{}", view.name());
}

std::string encode(const Place& own, const Place& upstream) {
  std::string bytes;
  Writer out{bytes};
  for (const Place* place : {&own, &upstream}) {
    out.put(place->position.epoch);
    out.put(place->position.offset);
    out.put(ns_of(place->time));
  }
  return bytes;
}

void decode(ByteView bytes, Place& own, Place& upstream) {
  Reader in{bytes};
  for (Place* place : {&own, &upstream}) {
    place->position.epoch = in.get<log::Epoch>();
    place->position.offset = in.get<log::Offset>();
    place->time = time_from_ns(in.get<std::int64_t>());
  }
}

}  // namespace

Result<std::unique_ptr<Host>> Host::open(HostOptions options, log::Log& log, const Clock& clock,
                                         std::vector<View*> views, Upstream upstream) {
  auto host = std::unique_ptr<Host>(new Host(std::move(options), log, clock, std::move(views), std::move(upstream)));
  if (auto done = host->open_database(); !done) return fail(done.error());
  if (auto done = host->load(); !done) return fail(done.error());
  if (auto done = host->replay(); !done) return fail(done.error());
  host->last_checkpoint_ = steady_clock::now();
  host->durable_ = host->applied_.position.offset;
  host->failed_ = log.has_failed();
  log.follow(host.get());
  host->thread_ = std::thread([raw = host.get()] {
    name_thread(fmt::format("{}-apply", raw->options_.partition).c_str());
    raw->loop();
  });
  return host;
}

Host::Host(HostOptions options, log::Log& log, const Clock& clock, std::vector<View*> views, Upstream upstream)
    : options_(std::move(options)),
      log_(log),
      clock_(clock),
      views_(std::move(views)),
      upstream_(std::move(upstream)) {}

Host::~Host() {
  if (!thread_.joinable()) return;  // open() failed
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  work_.notify_all();
  room_.notify_all();
  thread_.join();
  log_.follow(nullptr);
  for (auto& [offset, done] : waiters_) done(fail(ErrorCode::cancelled, "The server is stopping."));
  for (Read& read : reads_) read.done(fail(ErrorCode::cancelled, "The server is stopping."));
  for (Promised& promised : promises_) promised.done(fail(ErrorCode::cancelled, "The server is stopping."));
}

// Views only read the layout that they write: tables saved by another version are rebuilt.
Result<void> Host::open_database() {
  std::vector<std::string> tables{kHostTable};
  for (const View* view : views_) tables.emplace_back(view->name());
  for (const View* view : upstream_.views) tables.push_back(upstream_table(*view));
  const auto open = [&]() -> Result<void> {
    auto opened = Database::open(options_.directory, tables, {.packing = options_.packing});
    if (!opened) return fail(opened.error());
    database_ = std::move(*opened);
    return {};
  };
  if (auto done = open(); !done) return done;
  const Table& host = database_->table(kHostTable);
  if (!host.get(kAppliedKey) || host.get(kLayoutsKey) == layouts()) return {};
  spdlog::info("The views of '{}' were saved by another version; they are rebuilt from the log.", options_.partition);
  database_.reset();
  if (auto done = Database::destroy(options_.directory); !done) return done;
  return open();
}

// "registry 1, limits 2": what a checkpoint can be read by.
std::string Host::layouts() const {
  std::string text;
  for (const auto* views : {&views_, &upstream_.views})
    for (const View* view : *views)
      fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ", view->name(), view->layout());
  return text;
}

Result<void> Host::load() {
  const auto saved = database_->table(kHostTable).get(kAppliedKey);
  if (saved) decode(*saved, applied_, upstream_applied_);
  const log::Position end = log_.durable_end();
  if (applied_.position.offset > end.offset)
    return fail(ErrorCode::damaged,
                "The views of '{}' have applied offset {} and its log ends at {}: the log was put back to an older "
                "state. Restore "
                "the log's newest backup, or move '{}' away to rebuild the views from what is there.",
                options_.partition, log::number(applied_.position.offset), log::number(end.offset), options_.directory);
  for (View* view : views_) {
    view->attach(gathered_.emplace_back(table_of(*view)));
    if (auto done = view->load(table_of(*view)); !done) return within(view->name(), done.error());
  }
  for (View* view : upstream_.views) {
    view->attach(gathered_.emplace_back(database_->table(upstream_table(*view))));
    if (auto done = view->load(database_->table(upstream_table(*view))); !done)
      return within(view->name(), done.error());
  }
  if (upstream_.log != nullptr) upstream_cursor_ = upstream_.log->read(upstream_applied_.position.offset);
  return {};
}

Result<void> Host::replay() {
  const log::Offset from = applied_.position.offset;
  const std::uint64_t total = log::number(log_.durable_end().offset) - log::number(from);
  ReadAhead ahead{log_.read(from), kReadAheadBytes};
  while (true) {
    auto group = ahead.next();
    if (!group && log_.has_failed()) break;  // damage that the log has reported: what is before it stands
    if (!group) return fail(group.error());
    if (*group == nullptr) break;
    if (auto done = apply(**group); !done) return done;
    status_.replayed_entries = log::number(applied_.position.offset) - log::number(from);
    if (options_.replay_progress) options_.replay_progress(status_.replayed_entries, total);
    if (bytes_since_checkpoint_ < options_.checkpoint_log_bytes &&
        database_->unwritten_bytes() < options_.checkpoint_memory_bytes)
      continue;
    if (auto done = checkpoint(false); !done) return done;
  }
  return {};
}

void Host::loop() {
  std::unique_lock lock{mutex_};
  while (wait_for_work(lock)) {
    std::vector<Read> reads = std::move(reads_);
    reads_.clear();
    std::vector<std::shared_ptr<const log::Group>> ready;
    while (!groups_.empty() && (options_.provisional || groups_.front()->end() <= durable_)) {
      groups_bytes_ -= groups_.front()->bytes.size();
      ready.push_back(std::move(groups_.front()));
      groups_.pop_front();
    }
    lock.unlock();
    if (!ready.empty()) room_.notify_all();
    for (const auto& group : ready) {
      if (!status_.stopped.empty()) break;
      if (auto done = apply(*group); !done) {
        const std::lock_guard guard{mutex_};
        status_.stopped = done.error().message;
      }
    }
    for (Read& read : reads) {
      read.work();
      promises_.push_back({applied_.position.offset, std::move(read.done)});
    }
    keep_promises();
    maybe_checkpoint();
    tick_when_due();
    lock.lock();
    status_.applied = applied_.position;
    status_.time = applied_.time;
    status_.waiting_bytes = groups_bytes_;
  }
  lock.unlock();
  if (status_.stopped.empty() && !log_.has_failed() && log_.durable_end().offset >= applied_.position.offset)
    static_cast<void>(checkpoint(true));  // without it the next start replays a little more
}

// False once it is time to stop. Wakes at least every kIdle for timers.
bool Host::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto something = [&] {
    return stopping_ || !reads_.empty() ||
           (!groups_.empty() && (options_.provisional || groups_.front()->end() <= durable_)) ||
           (!promises_.empty() && (failed_ || promises_.front().until <= durable_));
  };
  work_.wait_for(lock, kIdle, something);
  if (!stopping_) return true;
  const bool left =
      !groups_.empty() && status_.stopped.empty() && (options_.provisional || groups_.front()->end() <= durable_);
  return left;
}

Result<void> Host::apply(const log::Group& group) {
  SALUS_ASSERT(group.first >= applied_.position.offset);  // gaps happen, repeats never
  if (auto done = catch_up(group.stamp); !done) return done;
  Place place{{group.epoch, group.first}, std::max(applied_.time, group.time)};
  advance(views_, place);
  std::vector<std::pair<log::Offset, std::optional<Answer>>> answers;
  for (const log::Run& run : group.runs) {
    if (!log::kind::is_known(run.kind))
      return fail(ErrorCode::damaged,
                  "Partition '{}', offset {}: an entry of kind {} is not known to this version; start the version that "
                  "wrote it, or a later one.",
                  options_.partition, log::number(run.first), log::number(run.kind));
    place.position.offset = run.first;
    std::optional<Answer> said = apply_run(views_, run, place);
    if (!options_.provisional) answers.emplace_back(run.first, std::move(said));
  }
  applied_ = {{group.epoch, group.end()}, place.time};
  for (const Gathering& gathering : gathered_) gathering.flush();
  publish_cuts();  // who gets an answer finds what it speaks of
  for (auto& [offset, said] : answers) answer(offset, std::move(said));
  bytes_since_checkpoint_ += group.bytes.size();
  if (observer_) observer_(group, place);
  return {};
}

// Applies upstream entries before `stamp` to this host's instances of the upstream views.
Result<void> Host::catch_up(log::Offset stamp) {
  while (upstream_.log != nullptr && upstream_applied_.position.offset < stamp) {
    auto group = upstream_cursor_->next();
    if (!group) return fail(group.error());
    if (*group == nullptr)
      return fail(ErrorCode::damaged,
                  "Partition '{}' needs offset {} of the partition before it, whose log ends at {}.",
                  options_.partition, log::number(stamp), log::number(upstream_applied_.position.offset));
    Place place{{(*group)->epoch, (*group)->first}, std::max(upstream_applied_.time, (*group)->time)};
    advance(upstream_.views, place);
    for (const log::Run& run : (*group)->runs) {
      place.position.offset = run.first;
      static_cast<void>(apply_run(upstream_.views, run, place));
    }
    upstream_applied_ = {{(*group)->epoch, (*group)->end()}, place.time};
  }
  return {};
}

void Host::advance(const std::vector<View*>& views, const Place& place) {
  for (View* view : views) {
    const auto due = view->next_due();
    if (due && *due <= place.time) view->advance(place);
  }
}

std::optional<Answer> Host::apply_run(const std::vector<View*>& views, const log::Run& run, const Place& place) {
  std::optional<Answer> first;
  for (View* view : views) {
    std::optional<Answer> said = view->apply(run, place);
    if (!said) continue;
    const bool refused = said->refusal.has_value();
    if (!first || refused) first = std::move(said);
    if (refused) break;
  }
  return first;
}

void Host::keep_promises() {
  log::Offset durable;
  bool broken;
  {
    const std::lock_guard lock{mutex_};
    durable = durable_;
    broken = failed_;
  }
  while (!promises_.empty() && promises_.front().until <= durable) {
    promises_.front().done({});
    promises_.pop_front();
  }
  while (broken && !promises_.empty()) {
    promises_.front().done(
        fail(ErrorCode::not_durable,
             "Nothing is being recorded in '{}'; what is stored cannot be vouched for until recording goes on.",
             options_.partition));
    promises_.pop_front();
  }
}

void Host::maybe_checkpoint() {
  const auto age = steady_clock::now() - last_checkpoint_;
  const bool wanted = bytes_since_checkpoint_ > 0 &&
                      (age > options_.checkpoint_interval || bytes_since_checkpoint_ > options_.checkpoint_log_bytes ||
                       database_->unwritten_bytes() > options_.checkpoint_memory_bytes);
  if (!wanted || log_.has_failed()) return;
  if (log_.durable_end().offset < applied_.position.offset) {
    if (age < options_.checkpoint_interval + kCheckpointPatience &&
        bytes_since_checkpoint_ < 2 * options_.checkpoint_log_bytes)
      return;
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, kCheckpointWait, [&] { return durable_ >= applied_.position.offset || failed_; });
    if (durable_ < applied_.position.offset) return;
  }
  static_cast<void>(checkpoint(false));  // tried again at the next interval; until then a restart replays more
}

Result<void> Host::checkpoint(bool wait) {
  for (View* view : views_) view->save(table_of(*view));
  for (View* view : upstream_.views) view->save(database_->table(upstream_table(*view)));
  database_->table(kHostTable).put(kAppliedKey, encode(applied_, upstream_applied_));
  database_->table(kHostTable).put(kLayoutsKey, layouts());
  last_checkpoint_ = steady_clock::now();
  bytes_since_checkpoint_ = 0;
  ++status_.checkpoints;
  return database_->checkpoint(wait);
}

Result<void> Host::checkpoint_now() {
  Result<void> done;
  run([&] {
    done = log_.durable_end().offset < applied_.position.offset
               ? fail(ErrorCode::unavailable, "What is applied is not durable yet; try again.")
               : checkpoint(true);
  });
  return done;
}

// Time is an entry: when a timer is due and no group has moved time past it, this host asks for a tick.
void Host::tick_when_due() {
  if (tick_asked_) return;
  const Time now = clock_.now();
  const bool due = std::ranges::any_of(views_, [&](const View* view) {
    const auto at = view->next_due();
    return at && *at <= now;
  });
  if (!due) return;
  tick_asked_ = true;
  log_.append({log::kind::tick, 1, {}, 0}, [this](Result<log::Position>) { tick_asked_ = false; });
}

void Host::ordered(std::shared_ptr<const log::Group> group) {
  std::unique_lock lock{mutex_};
  room_.wait(lock, [&] { return groups_bytes_ < options_.queue_bytes_max || stopping_ || failed_; });
  // While the disk refuses, only what alarms live on is kept, and no more than the bound.
  if (failed_ && (!options_.provisional || groups_bytes_ >= options_.queue_bytes_max)) return;
  groups_bytes_ += group->bytes.size();
  groups_.push_back(std::move(group));
  lock.unlock();
  work_.notify_one();
}

void Host::durable(log::Position end) {
  {
    const std::lock_guard lock{mutex_};
    durable_ = end.offset;
  }
  work_.notify_one();
}

void Host::failed(const Error&) {
  {
    const std::lock_guard lock{mutex_};
    failed_ = true;
    while (!options_.provisional && !groups_.empty() && groups_.back()->end() > durable_) {
      groups_bytes_ -= groups_.back()->bytes.size();  // never to be durable: their senders have been told
      groups_.pop_back();
    }
  }
  work_.notify_one();
  room_.notify_all();
}

}  // namespace salus::view
