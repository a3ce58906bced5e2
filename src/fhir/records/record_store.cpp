#include "fhir/records/record_store.hpp"

#include <mutex>

#include "base/assert.hpp"
#include "fhir/document/json.hpp"
#include "fhir/records/frame.hpp"
#include "fhir/records/version_proof.hpp"
#include "log/kinds.hpp"

namespace salus::fhir {
namespace {

log::Draft draft_of(const ChangeSet& set) {
  return {log::kind::record_changed, 1, encode(set), 0};
}

Result<WrittenSet> written(const Result<view::Answer>& answer) {
  if (!answer) return fail(answer.error());
  return written_of(answer->detail);
}

// Those who wait for several answers, which come on other threads.
struct Gathering {
  explicit Gathering(std::size_t count) : results(count), missing(count) {}
  std::mutex mutex;
  std::vector<Result<WrittenSet>> results;
  std::size_t missing;
};

}  // namespace

Result<std::string> RecordStore::text(const Version& version) const {
  SALUS_ASSERT(!version.is_removed());
  if (auto known = cache_.text(version)) return std::move(*known);
  const auto damaged = [&](const Error& error) {
    return fail(error.code, "Version {} of {}/{}: {}.", log::number(version.version), definitions_.name(version.type),
                version.id, error.message);
  };
  std::shared_ptr<const std::string> frame = cache_.frame(version);
  if (!frame) {
    const auto bytes = bodies_.read(version.version, version.body_at, version.body_bytes);
    if (!bytes) return fail(bytes.error());
    auto unpacked = unpack_frame(*bytes);
    if (!unpacked) return damaged(unpacked.error());
    frame = std::make_shared<const std::string>(std::move(*unpacked));
    cache_.keep_frame(version, frame);
  }
  const auto body = body_in(*frame, version.body_index);
  if (!body) return damaged(body.error());
  std::string text = fill(*body, {version.id, version.version, version.updated, version.references});
  cache_.keep_text(version, text);
  return text;
}

Result<Document> RecordStore::document(const Version& version) const {
  const auto json = text(version);
  if (!json) return fail(json.error());
  auto document = read_json(*json, definitions_);
  if (!document) return fail(ErrorCode::damaged, "{}", document.error().message);
  return std::move(*document);
}

Result<json::object> RecordStore::prove(const Version& version) const {
  return fhir::prove(bodies_, definitions_, version, cut().record.end());
}

Result<json::object> RecordStore::prove_further(const Version& version, log::Offset from) const {
  const log::Offset end = cut().record.end();
  if (from <= version.version || from >= end)
    return fail(ErrorCode::invalid, "A further piece begins behind version {} and before {}.",
                log::number(version.version), log::number(end));
  return fhir::prove_further(bodies_, from, end);
}

asio::awaitable<Result<WrittenSet>> RecordStore::submit(ChangeSet set) {
  const auto answer = co_await host_.submit(draft_of(set));
  co_return written(answer);
}

asio::awaitable<std::vector<Result<WrittenSet>>> RecordStore::submit_all(std::vector<ChangeSet> sets) {
  if (sets.empty()) co_return std::vector<Result<WrittenSet>>{};
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::vector<Result<WrittenSet>>)>(
      [this](auto handler, std::vector<ChangeSet> wanted) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto gathering = std::make_shared<Gathering>(wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i)
          host_.submit(draft_of(wanted[i]), [shared, gathering, i](Result<view::Answer> answer) {
            {
              const std::lock_guard lock{gathering->mutex};
              gathering->results[i] = written(answer);
              if (--gathering->missing > 0) return;
            }
            auto executor = asio::get_associated_executor(*shared);
            asio::post(executor, [shared, gathering] { std::move (*shared)(std::move(gathering->results)); });
          });
      },
      asio::use_awaitable, std::move(sets));
}

}  // namespace salus::fhir
