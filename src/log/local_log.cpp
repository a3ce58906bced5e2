#include "log/local_log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.hpp"
#include "base/json.hpp"
#include "base/thread.hpp"
#include "log/cursor.hpp"
#include "log/kinds.hpp"

namespace salus::log {

using std::chrono::steady_clock;

namespace {

constexpr milliseconds kWatch{200};
constexpr std::chrono::microseconds kSlice{300};

}  // namespace

Result<std::unique_ptr<LocalLog>> LocalLog::open(Disk& disk, const Clock& clock, LocalLogOptions options) {
  auto store = SegmentStore::open(disk, options.store);
  if (!store) return fail(store.error());
  auto log = std::unique_ptr<LocalLog>(new LocalLog(std::move(*store), clock, std::move(options)));
  if (log->store_->damage()) {
    log->declare_failed(*log->store_->damage());
  } else if (auto begun = log->begin_epoch(); !begun) {
    log->declare_failed(begun.error());
  }
  log->orderer_ = log->start_thread("order", &LocalLog::order_loop);
  log->disk_thread_ = log->start_thread("disk", &LocalLog::disk_loop);
  log->watcher_ = log->start_thread("watch", &LocalLog::watch_loop);
  log->sparer_ = log->start_thread("spare", &LocalLog::spare_loop);
  return log;
}

LocalLog::LocalLog(std::unique_ptr<SegmentStore> store, const Clock& clock, LocalLogOptions options)
    : store_(std::move(store)),
      clock_(clock),
      options_(std::move(options)),
      bodies_(*store_, [this] { return durable_end().offset; }) {
  const Head& head = store_->head();
  epoch_ = head.epoch;
  next_ = head.end;
  previous_ = head.hash;
  last_time_ = head.time;
  durable_end_ = number(head.end);
  durable_epoch_ = number(head.epoch);
  counters_.torn_bytes = store_->torn_bytes();
}

LocalLog::~LocalLog() {
  stop();
}

std::thread LocalLog::start_thread(std::string_view job, void (LocalLog::*loop)()) {
  return std::thread([this, name = fmt::format("{}-{}", options_.store.partition, job), loop] {
    name_thread(name.c_str());
    prefer_latency(kSlice);  // every acknowledgement waits for them
    (this->*loop)();
  });
}

// Written and synced before anything else, so that an offset that was lost is never mistaken for one of this epoch.
Result<void> LocalLog::begin_epoch() {
  const Time now = std::max(clock_.now(), last_time_);
  const std::int64_t down_ns = last_time_ == Time{} ? 0 : (now - last_time_).count();
  epoch_ = Epoch{number(epoch_) + 1};
  const json::value body = {{"epoch", number(epoch_)}, {"version", options_.version}, {"down_ns", down_ns}};
  const Draft draft{kind::epoch, 1, json_text(body), 0};
  const Offset stamp = options_.stamp ? options_.stamp() : Offset{};
  const auto group = make_group({epoch_, next_, stamp, next_, now, previous_}, {&draft, 1});
  if (auto done = store_->write(*group); !done) return done;
  if (auto done = store_->sync(); !done) return done;
  next_ = group->end();
  previous_ = group->hash;
  last_time_ = now;
  durable_epoch_ = number(epoch_);
  durable_end_ = number(next_);
  return {};
}

void LocalLog::append(Draft draft, AppendDone done) {
  SALUS_ASSERT(draft.count > 0);
  const std::size_t bytes = draft.body.size() + run_header_bytes;
  if (bytes > options_.run_bytes_max) {
    done(fail(ErrorCode::too_large, "A run of {} bytes is over the limit of {}; split it.", bytes,
              options_.run_bytes_max));
    return;
  }
  // Here and below nobody is woken under the lock: on few cores they would run at once, into it, and all others after
  // them.
  std::unique_lock lock{mutex_};
  if (!stopping_ && gathering_bytes_ + bytes <= options_.queue_bytes_max) {
    gathering_bytes_ += bytes;
    gathering_queue_.push_back({std::move(draft), std::move(done)});
    const bool first = gathering_queue_.size() == 1;  // of others the orderer knows
    lock.unlock();
    if (first) gathering_.notify_one();
    return;
  }
  lock.unlock();
  done(fail(ErrorCode::unavailable, "The log's queue is full or closing; try again in a moment."));
}

void LocalLog::order_loop() {
  std::unique_lock lock{mutex_};
  while (true) {
    gathering_.wait(lock, [&] { return !gathering_queue_.empty() || stopping_; });
    if (gathering_queue_.empty()) break;
    landed_.wait_for(lock, options_.gather_max, [&] {
      return (!disk_busy_ && flights_.empty()) || gathering_bytes_ >= options_.group_bytes_max || stopping_ ||
             has_failed();
    });
    landed_.wait(lock, [&] { return flight_bytes_ <= options_.flight_bytes_max || has_failed() || stopping_; });
    std::vector<Waiting> gathered = std::move(gathering_queue_);
    gathering_queue_.clear();
    gathering_bytes_ = 0;
    lock.unlock();
    order(std::move(gathered));
    lock.lock();
  }
  ordered_all_ = true;
  flying_.notify_all();
}

void LocalLog::order(std::vector<Waiting> gathered) {
  std::vector<Draft> drafts;
  drafts.reserve(gathered.size());
  for (Waiting& waiting : gathered) drafts.push_back(std::move(waiting.draft));
  last_time_ = std::max(clock_.now(), last_time_);
  const Offset stamp = options_.stamp ? options_.stamp() : Offset{};
  const Offset synced{durable_end_.load(std::memory_order_acquire)};
  Flight flight;
  flight.group = make_group({epoch_, next_, stamp, synced, last_time_, previous_}, drafts);
  next_ = flight.group->end();
  previous_ = flight.group->hash;
  for (std::size_t i = 0; i < gathered.size(); ++i)
    flight.acks.push_back({std::move(gathered[i].done), flight.group->runs[i].first});
  tell([&](Follower& follower) { follower.ordered(flight.group); });

  std::unique_lock lock{mutex_};
  if (!has_failed()) {
    flight_bytes_ += flight.group->bytes.size();
    flights_.push_back(std::move(flight));
    lock.unlock();
    flying_.notify_one();
    return;
  }
  lock.unlock();
  refuse(flight.acks);
}

void LocalLog::disk_loop() {
  std::unique_lock lock{mutex_};
  while (true) {
    flying_.wait(lock, [&] { return !flights_.empty() || ordered_all_; });
    if (flights_.empty()) break;
    std::vector<Flight> batch(std::make_move_iterator(flights_.begin()), std::make_move_iterator(flights_.end()));
    flights_.clear();
    for (Flight& flight : batch) std::ranges::move(flight.acks, std::back_inserter(in_hand_));
    disk_busy_ = true;
    disk_busy_since_ = steady_clock::now();
    lock.unlock();
    if (const auto acks = make_durable(batch)) {
      // Acknowledgements first: a waiter must be known before its entry is applied.
      for (const Ack& ack : *acks) ack.done(Position{batch.back().group->epoch, ack.first});
      tell([&](Follower& follower) { follower.durable(durable_end()); });
    }
    std::size_t landed_bytes = 0;
    for (const Flight& flight : batch) landed_bytes += flight.group->bytes.size();
    batch.clear();
    lock.lock();
    flight_bytes_ -= landed_bytes;
    disk_busy_ = false;
    const bool stopping = stopping_;
    lock.unlock();
    landed_.notify_all();
    if (stopping) watching_.notify_all();
    lock.lock();
  }
}

// Those who wait for the batch; nothing when the disk refused, and they have been told.
std::optional<std::vector<LocalLog::Ack>> LocalLog::make_durable(const std::vector<Flight>& batch) {
  const auto begun = steady_clock::now();
  Result<void> done = write_all(batch);
  if (!done) {
    declare_failed(done.error());
    return std::nullopt;
  }
  const std::lock_guard lock{mutex_};
  counters_.groups += batch.size();
  counters_.syncs += 1;
  counters_.sync_ns_last = (steady_clock::now() - begun).count();
  // Declared failed while the disk hung: what it says now comes too late, the senders were told to keep their data.
  if (has_failed()) return std::nullopt;
  durable_epoch_ = number(batch.back().group->epoch);
  durable_end_ = number(batch.back().group->end());
  return std::exchange(in_hand_, {});
}

Result<void> LocalLog::write_all(const std::vector<Flight>& batch) {
  for (const Flight& flight : batch)
    if (auto done = store_->write(*flight.group); !done) return done;
  return store_->sync();
}

// Whoever waits is told at once, also for what the disk has in hand: it may hang for ever.
void LocalLog::declare_failed(const Error& why) {
  std::vector<Ack> waiting;
  {
    const std::lock_guard lock{mutex_};
    if (has_failed()) return;
    failure_ = why;
    failed_ = true;
    waiting = std::exchange(in_hand_, {});
    for (Flight& flight : flights_) {
      flight_bytes_ -= flight.group->bytes.size();
      std::ranges::move(flight.acks, std::back_inserter(waiting));
    }
    flights_.clear();
  }
  landed_.notify_all();
  tell([&](Follower& follower) { follower.failed(why); });
  refuse(waiting);
}

void LocalLog::refuse(const std::vector<Ack>& acks) {
  for (const Ack& ack : acks)
    ack.done(fail(ErrorCode::not_durable,
                  "Nothing is being recorded in partition '{}'; keep the data and send it again.",
                  options_.store.partition));
}

// Never touches the disk: a hanging one would keep it from seeing that it hangs.
void LocalLog::watch_loop() {
  std::unique_lock lock{mutex_};
  while (!stopping_ || disk_busy_) {
    const bool stalled = disk_busy_ && steady_clock::now() - disk_busy_since_ > options_.stall_max;
    lock.unlock();
    if (stalled)
      declare_failed({ErrorCode::not_durable, fmt::format("Partition '{}': the disk has not answered for {} ms.",
                                                          options_.store.partition, options_.stall_max.count())});
    lock.lock();
    watching_.wait_for(lock, kWatch);
  }
}

void LocalLog::spare_loop() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    const bool wanted = counters_.groups > 0 && !has_failed();
    lock.unlock();
    if (wanted && store_->wants_spare())
      static_cast<void>(store_->prepare_spare([this] { return is_stopping(); }));  // refusals show when room is needed
    lock.lock();
    if (!stopping_) watching_.wait_for(lock, kWatch);
  }
}

bool LocalLog::is_stopping() const {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

Position LocalLog::durable_end() const {
  const Offset end{durable_end_.load(std::memory_order_acquire)};
  return {Epoch{durable_epoch_.load(std::memory_order_acquire)}, end};
}

void LocalLog::follow(Follower* follower) {
  const std::lock_guard lock{following_};  // whoever is being told is still there
  follower_ = follower;
}

void LocalLog::tell(const std::function<void(Follower&)>& what) {
  const std::shared_lock lock{following_};
  if (follower_ != nullptr) what(*follower_);
}

std::unique_ptr<Cursor> LocalLog::read(Offset from) const {
  return std::make_unique<SegmentCursor>(*store_, from, [this] { return durable_end().offset; });
}

LogStatus LocalLog::status() const {
  const std::lock_guard lock{mutex_};
  LogStatus status = counters_;
  status.end = durable_end();
  status.bytes = store_->bytes_stored();
  status.recording = !has_failed();
  status.reason = failure_.message;
  return status;
}

void LocalLog::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  gathering_.notify_all();
  landed_.notify_all();
  watching_.notify_all();
  if (orderer_.joinable()) orderer_.join();
  if (disk_thread_.joinable()) disk_thread_.join();
  if (watcher_.joinable()) watcher_.join();
  if (sparer_.joinable()) sparer_.join();
  if (!has_failed())
    static_cast<void>(store_->close());  // a head that is not clean only makes the next start look closer
}

}  // namespace salus::log
