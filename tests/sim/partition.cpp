#include "partition.hpp"

#include <algorithm>

#include "failure.hpp"
#include "log/group_format.hpp"
#include "log/kinds.hpp"
#include "log/verify.hpp"

namespace salus::simulate {
namespace {

// Small segments, so that a few hundred entries roll over many times.
log::StoreOptions options(const std::string& name) {
  return {.partition = name, .segment_bytes = 16 << 10, .first_segment_bytes = 8 << 10};
}

}  // namespace

void Partition::open() {
  disk_.fail_syncs(false);
  disk_.fail_writes(false);
  disk_.set_capacity(std::uint64_t{1} << 40);
  const auto verified = log::verify(disk_, name_, nullptr);
  expect(verified.has_value(), "{}: cannot be verified", name_);
  expect(verified->whole(), "{}: verification reports damage after a crash: {}", name_,
         verified->whole() ? "" : verified->damage.front().what);
  auto opened = log::SegmentStore::open(disk_, options(name_));
  expect(opened.has_value(), "{}: does not open: {}", name_, opened ? "" : opened.error().message);
  store_ = std::move(*opened);
  expect(!store_->damage(), "{}: damage after a crash: {}", name_, store_->damage() ? store_->damage()->message : "");
  const log::Head& head = store_->head();
  epoch_ = head.epoch;
  next_ = head.end;
  previous_ = head.hash;
  last_time_ = head.time;
  durable_ = {head.epoch, head.end};
  failed_ = false;
  compare_with_history();
}

void Partition::compare_with_history() {
  expect(next_ >= acknowledged_, "{}: {} entries were acknowledged, {} are there", name_, log::number(acknowledged_),
         log::number(next_));
  std::size_t found = 0;
  for (const auto cursor = read(log::Offset{});; ++found) {
    const auto group = cursor->next();
    expect(group.has_value(), "{}: cannot be read: {}", name_, group ? "" : group.error().message);
    if (*group == nullptr) break;
    expect(found < history_.size() && (*group)->hash == history_[found].group->hash &&
               (*group)->bytes == history_[found].group->bytes,
           "{}: group {} at offset {} is not the one that was ordered", name_, found, log::number((*group)->first));
  }
  history_.resize(found);
  expect(history_.empty() ? next_ == log::Offset{} : history_.back().group->end() == next_,
         "{}: the durable end is not the last group's", name_);
  acknowledged_ = next_;
}

void Partition::begin_epoch(log::Offset stamp, Time now, bool sync) {
  epoch_ = log::Epoch{log::number(epoch_) + 1};
  const std::string body = fmt::format(R"({{"epoch":{},"version":"simulated","down_ns":0}})", log::number(epoch_));
  order({{{log::kind::epoch, 1, body, 0}, Nothing{}}}, stamp, now);
  if (sync) {
    flush();
  } else {
    write_some(1);
  }
}

std::shared_ptr<const log::Group> Partition::order(std::vector<Entry> entries, log::Offset stamp, Time now) {
  std::vector<log::Draft> drafts;
  Ordered ordered;
  for (Entry& entry : entries) {
    drafts.push_back(std::move(entry.draft));
    ordered.meanings.push_back(std::move(entry.meaning));
  }
  last_time_ = std::max(now, last_time_);
  ordered.group = log::make_group({epoch_, next_, stamp, durable_.offset, last_time_, previous_}, drafts);
  next_ = ordered.group->end();
  previous_ = ordered.group->hash;
  auto group = ordered.group;
  history_.push_back(std::move(ordered));
  if (!failed_) waiting_.push_back(group);
  return group;
}

bool Partition::flush() {
  if (failed_) return false;
  if (waiting_.empty()) return true;
  for (const auto& group : waiting_)
    if (!store_->write(*group)) return refuse(), false;
  if (!store_->sync()) return refuse(), false;
  durable_ = {waiting_.back()->epoch, waiting_.back()->end()};
  acknowledged_ = durable_.offset;
  waiting_.clear();
  return true;
}

void Partition::refuse() {
  failed_ = true;
  waiting_.clear();
}

void Partition::write_some(std::size_t groups) {
  for (std::size_t i = 0; i < std::min(groups, waiting_.size()) && !failed_; ++i)
    if (!store_->write(*waiting_[i])) refuse();
}

void Partition::prepare_spare() {
  if (store_->wants_spare())
    static_cast<void>(store_->prepare_spare([] { return true; }));  // a refusal shows when the room is needed
}

void Partition::forget_unwritten() {
  unacknowledged_.clear();
  for (const Ordered& ordered : history_)
    for (const Meaning& meaning : ordered.meanings)
      if (ordered.group->first >= acknowledged_ && std::holds_alternative<Messages>(meaning))
        unacknowledged_.push_back(meaning);
  waiting_.clear();
  store_.reset();
}

void Partition::stop() {
  if (!failed_) static_cast<void>(store_->close());  // a head that is not clean only makes the next start look closer
  forget_unwritten();
}

void Partition::kill() {
  forget_unwritten();
}

void Partition::power_loss() {
  forget_unwritten();
  disk_.crash();
}

std::unique_ptr<log::Cursor> Partition::read(log::Offset from) const {
  return std::make_unique<log::SegmentCursor>(*store_, from, [this] { return durable_.offset; });
}

}  // namespace salus::simulate
