// What is called once when a batch is durable, or with why it is not.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "base/assert.hpp"
#include "base/error.hpp"

namespace salus::mqtt {

// A function that is moved, never copied, kept in place without an allocation, and called exactly once: a second call
// is a programming error, and one that is thrown away uncalled is called with `cancelled`, so that no sender waits for
// ever. Threads: one at a time, any.
class Done {
 public:
  Done() = default;

  template <class F>
    requires(!std::is_same_v<std::decay_t<F>, Done> && std::is_invocable_v<F&, Result<void>>)
  Done(F function) : table_(&table_of<F>) {  // NOLINT(google-explicit-constructor): a callable is what it is
    static_assert(sizeof(F) <= sizeof place_ && alignof(F) <= alignof(std::max_align_t), "capture less");
    static_assert(std::is_nothrow_move_constructible_v<F>);
    new (place_) F(std::move(function));
  }
  Done(Done&& other) noexcept : table_(std::exchange(other.table_, nullptr)) {
    if (table_ != nullptr) table_->move(place_, other.place_);
  }
  Done& operator=(Done&& other) noexcept {
    if (this != &other) {
      this->~Done();
      new (this) Done(std::move(other));
    }
    return *this;
  }
  ~Done() {
    if (table_ != nullptr) (*this)(fail(ErrorCode::cancelled, "Dropped without an answer."));
  }

  // Requires: not called and not moved from.
  void operator()(Result<void> outcome) {
    SALUS_ASSERT(table_ != nullptr);
    std::exchange(table_, nullptr)->call(place_, std::move(outcome));
  }
  explicit operator bool() const { return table_ != nullptr; }

 private:
  struct Table {
    void (*call)(void* place, Result<void> outcome);  // and destroys it
    void (*move)(void* to, void* from);               // and destroys `from`
  };
  template <class F>
  static constexpr Table table_of{[](void* place, Result<void> outcome) {
                                    F& held = *std::launder(reinterpret_cast<F*>(place));
                                    F function = std::move(held);
                                    held.~F();
                                    function(std::move(outcome));
                                  },
                                  [](void* to, void* from) {
                                    F& held = *std::launder(reinterpret_cast<F*>(from));
                                    new (to) F(std::move(held));
                                    held.~F();
                                  }};

  const Table* table_ = nullptr;
  alignas(std::max_align_t) std::byte place_[48];
};

}  // namespace salus::mqtt
