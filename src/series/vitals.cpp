#include "series/vitals.hpp"

#include <bit>

#include "series/coder.hpp"

namespace salus::series {
namespace {

constexpr unsigned quick = 6, slow = 8;
constexpr unsigned magnitude_max = 12;  // steps of which each has a bit of its own; what is beyond is written out
constexpr unsigned plain_bits_max = 40;

struct Model {
  // By how long nothing has changed, and what the newest change was.
  std::array<std::array<AdaptiveBit, 4>, 8> unchanged;
  std::array<AdaptiveBit, 5> negative;
  std::array<std::array<AdaptiveBit, magnitude_max>, 3> more;
  std::array<AdaptiveBit, plain_bits_max> width;

  Model() {
    // What vitals do until these have learnt better: stay, and move by one.
    static constexpr std::array<std::uint16_t, 8> stay{39'000, 46'000, 50'000, 54'000, 57'000, 60'000, 62'000, 63'500};
    for (std::size_t i = 0; i < unchanged.size(); ++i) unchanged[i].fill(AdaptiveBit{stay[i], 6});
    negative.fill(AdaptiveBit{32'768, 3});
    more[0].fill(AdaptiveBit{14'000, 4});
    more[1].fill(AdaptiveBit{26'000, 4});
    more[2].fill(AdaptiveBit{36'000, 4});
  }
};

template <class Coder>
class Steps {
 public:
  explicit Steps(Coder& coder) : coder_(coder) {}

  std::int64_t next(std::int64_t step) {
    AdaptiveBit& stay = model_.unchanged[std::min<std::size_t>(std::bit_width(still_), 7)][size_class()];
    if (coder_.template bit<quick, slow>(stay, step == 0)) {
      ++still_;
      before_ = 0;
      return 0;
    }
    const bool negative = coder_.template bit<quick, slow>(model_.negative[sign_class()], step < 0);
    const std::uint64_t size =
        magnitude(step < 0 ? static_cast<std::uint64_t>(-step) : static_cast<std::uint64_t>(step));
    last_ = negative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
    before_ = last_;
    still_ = 0;
    return last_;
  }

 private:
  std::size_t size_class() const {
    const std::int64_t size = last_ < 0 ? -last_ : last_;
    return size == 0 ? 0 : size == 1 ? 1 : size <= 3 ? 2 : 3;
  }
  // The newest change, and whether it was just now.
  std::size_t sign_class() const {
    if (last_ == 0) return 0;
    return (last_ < 0 ? 1U : 2U) + (before_ == 0 ? 0U : 2U);
  }
  std::uint64_t magnitude(std::uint64_t size) {
    auto& more = model_.more[std::min<std::size_t>(size_class() == 0 ? 0 : size_class() - 1, 2)];
    std::uint64_t known = 1;
    for (; known <= magnitude_max; ++known)
      if (!coder_.template bit<quick, slow>(more[known - 1], size > known)) return known;
    // Beyond: Elias gamma of the rest.
    const std::uint64_t rest = size - magnitude_max;
    const auto width = static_cast<unsigned>(std::bit_width(rest));
    unsigned bits = 1;
    while (bits < plain_bits_max && coder_.template bit<quick, slow>(model_.width[bits - 1], width > bits)) ++bits;
    const std::uint64_t top = std::uint64_t{1} << (bits - 1);
    return magnitude_max + (top | coder_.plain(rest & (top - 1), bits - 1));
  }

  Coder& coder_;
  Model model_;
  std::int64_t last_ = 0;    // the newest change
  std::int64_t before_ = 0;  // the step before, zero or not
  std::uint32_t still_ = 0;
};

}  // namespace

void put_vitals(std::span<const std::int64_t> steps, std::string& out) {
  Encoder encoder{out};
  Steps<Encoder> model{encoder};
  for (const std::int64_t step : steps) model.next(step);
  encoder.finish();
}

void get_vitals(ByteView bytes, std::span<std::int64_t> out) {
  Decoder decoder{bytes};
  Steps<Decoder> model{decoder};
  for (std::int64_t& step : out) step = model.next(0);
}

}  // namespace salus::series
