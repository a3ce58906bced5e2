#include "node.hpp"

#include <algorithm>

#include "failure.hpp"

namespace salus::simulate {
namespace {

void load(view::View& view, Tables& tables) {
  const auto loaded = view.load(tables[std::string(view.name())]);
  expect(loaded.has_value(), "view {} does not load what it saved: {}", view.name(),
         loaded ? "" : loaded.error().message);
}

// Applies one group to views in their order; a run that one refuses is not shown to those after it.
void apply_group(const std::vector<view::View*>& views, const log::Group& group, view::Place& applied) {
  view::Place place{{group.epoch, group.first}, std::max(applied.time, group.time)};
  for (view::View* view : views)
    if (const auto due = view->next_due(); due && *due <= place.time) view->advance(place);
  for (const log::Run& run : group.runs) {
    place.position.offset = run.first;
    for (view::View* view : views)
      if (const auto answer = view->apply(run, place); answer && answer->refusal) break;
  }
  applied = {{group.epoch, group.end()}, place.time};
}

}  // namespace

RecordsNode::RecordsNode(const Checkpoint& from, const Partition& log)
    : cursor_(log.read(from.applied.position.offset)), state_(from) {
  for (view::View* view :
       {static_cast<view::View*>(&registry), static_cast<view::View*>(&limits), static_cast<view::View*>(&alarms)})
    load(*view, state_.tables);
  apply_durable();
}

void RecordsNode::apply_durable() {
  for (;;) {
    const auto group = cursor_->next();
    expect(group.has_value(), "records cannot be read: {}", group ? "" : group.error().message);
    if (*group == nullptr) return;
    apply_group({&registry, &limits, &alarms}, **group, state_.applied);
  }
}

Checkpoint RecordsNode::save() {
  for (view::View* view :
       {static_cast<view::View*>(&registry), static_cast<view::View*>(&limits), static_cast<view::View*>(&alarms)})
    view->save(state_.tables[std::string(view->name())]);
  return state_;
}

namespace {

std::string watched_event(char sign, const monitor::Condition& condition) {
  return fmt::format("{} {}{}", condition.device, sign, monitor::name(condition.rule));
}
bool is_watched(const monitor::Condition& condition) {
  return condition.code != device::no_code && device::info(condition.code).alias() == "temp_body" &&
         condition.rule <= monitor::ConditionRule::high;
}

}  // namespace

void Heard::on_raised(const monitor::Condition& condition) {
  raised.push_back(condition.id);
  if (is_watched(condition)) watched.push_back(watched_event('+', condition));
}

void Heard::on_ended(const monitor::Condition& condition, Time) {
  ended.push_back(condition.id);
  if (is_watched(condition)) watched.push_back(watched_event('-', condition));
}

TelemetryNode::TelemetryNode(const Checkpoint& from, const Partition& log, const Partition& records)
    : upstream_(records.read(from.upstream.position.offset)), state_(from) {
  load(telemetry, state_.tables);
  for (const auto cursor = log.read(applied());;) {
    const auto group = cursor->next();
    expect(group.has_value(), "telemetry cannot be read: {}", group ? "" : group.error().message);
    if (*group == nullptr) return;
    apply(**group);
  }
}

void TelemetryNode::apply(const log::Group& group) {
  expect(group.first >= applied(), "telemetry is given offset {} a second time", log::number(group.first));
  catch_up(group.stamp);
  apply_group({&telemetry}, group, state_.applied);
}

void TelemetryNode::catch_up(log::Offset stamp) {
  while (state_.upstream.position.offset < stamp) {
    const auto group = upstream_->next();
    expect(group && *group != nullptr, "telemetry needs offset {} of records, which end at {}", log::number(stamp),
           log::number(state_.upstream.position.offset));
    apply_group({&context_}, **group, state_.upstream);
  }
}

Checkpoint TelemetryNode::save() {
  telemetry.save(state_.tables[std::string(telemetry.name())]);
  return state_;
}

}  // namespace salus::simulate
