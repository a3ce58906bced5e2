// What others ask of a host: entries to append and answer, functions to run between groups, digests.
#include <algorithm>
#include <future>

#include "base/assert.hpp"
#include "view/host.hpp"

namespace salus::view {

void Host::answer(log::Offset offset, std::optional<Answer> answer) {
  AnswerDone done;
  {
    const std::lock_guard lock{mutex_};
    const auto at = waiters_.find(offset);
    if (at == waiters_.end()) return;
    done = std::move(at->second);
    waiters_.erase(at);
  }
  if (!answer) return done(fail(ErrorCode::invalid, "No view of '{}' takes this kind of entry.", options_.partition));
  if (answer->refusal) return done(fail(std::move(*answer->refusal)));
  done(std::move(*answer));
}

void Host::submit(log::Draft draft, AnswerDone done) {
  SALUS_ASSERT(!options_.provisional);
  // The log calls back before it tells us that the group is durable, so the waiter is there before its entry is
  // applied.
  log_.append(std::move(draft), [this, done = std::move(done)](Result<log::Position> position) {
    if (!position) return done(fail(position.error()));
    const std::lock_guard lock{mutex_};
    waiters_.emplace(position->offset, done);
  });
}

asio::awaitable<Result<Answer>> Host::submit(log::Draft draft) {
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Answer>)>(
      [](auto handler, Host* host, log::Draft to_append) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        host->submit(std::move(to_append), [shared](Result<Answer> answer) {
          auto executor = asio::get_associated_executor(*shared);
          asio::post(executor,
                     [shared, answer = std::move(answer)]() mutable { std::move (*shared)(std::move(answer)); });
        });
      },
      asio::use_awaitable, this, std::move(draft));
}

void Host::enqueue_read(std::function<void()> work, std::function<void(Result<void>)> done) {
  std::unique_lock lock{mutex_};
  if (!stopping_) {
    reads_.push_back({std::move(work), std::move(done)});
    lock.unlock();
    work_.notify_one();
    return;
  }
  lock.unlock();
  done(fail(ErrorCode::cancelled, "The server is stopping."));
}

void Host::run(const std::function<void()>& function) {
  auto finished = std::make_shared<std::promise<void>>();
  auto future = finished->get_future();
  enqueue_read(
      [&function, finished] {
        function();
        finished->set_value();
      },
      [](Result<void>) {});
  future.wait();
}

void Host::share(const View& view) {
  run([&] {
    shared_.emplace_back().view = &view;
    publish_cuts();
  });
}

std::shared_ptr<const Cut> Host::cut(const View& view) const {
  const auto at = std::ranges::find(shared_, &view, &Shared::view);
  SALUS_ASSERT(at != shared_.end());
  return at->cut.load(std::memory_order_acquire);
}

void Host::publish_cuts() {
  for (Shared& shared : shared_)
    shared.cut.store(std::make_shared<const Cut>(applied_.position, applied_.time, snapshot(*shared.view)),
                     std::memory_order_release);
}

Sha256 Host::digest(const View& view) {
  Sha256 result{};
  run([&] {
    View& mutable_view = **std::ranges::find(views_, &view);
    Table& table = table_of(view);
    mutable_view.save(table);
    Sha256Stream stream;
    table.scan({}, {}, [&](ByteView key, ByteView value) {
      std::string lengths;
      Writer out{lengths};
      out.put_varint(key.size());
      out.put_varint(value.size());
      stream.update(lengths);
      stream.update(key);
      stream.update(value);
      return true;
    });
    result = stream.finish();
  });
  return result;
}

HostStatus Host::status() const {
  const std::lock_guard lock{mutex_};
  return status_;
}

}  // namespace salus::view
