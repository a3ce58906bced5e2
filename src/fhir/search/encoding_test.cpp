#include "fhir/search/encoding.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "fhir/search/fold.hpp"

namespace salus::fhir::search {
namespace {

TEST(SearchEncoding, DecimalsKeepTheirOrder) {
  std::mt19937_64 random{1};
  std::vector<path::Decimal> values{path::Decimal{0}, path::Decimal{1}, path::Decimal{10, 1}, path::Decimal{-1}};
  for (int i = 0; i < 400; ++i) {
    const auto coefficient = static_cast<std::int64_t>(random() >> (random() % 63));
    values.emplace_back(static_cast<path::Decimal::Wide>(random() % 2 == 0 ? coefficient : -coefficient),
                        static_cast<int>(random() % 12));
  }
  const auto bytes = [](const path::Decimal& value) {
    std::string out;
    put_decimal(out, value);
    return out;
  };
  for (const auto& a : values)
    for (const auto& b : values) {
      const int by_bytes = bytes(a).compare(bytes(b));
      EXPECT_EQ(compare(a, b), (by_bytes > 0) - (by_bytes < 0)) << a.text() << " and " << b.text();
    }
  for (const auto& value : values) {
    std::string low, high, next = bytes(value) + "rest";
    put_decimal(low, Infinity::negative);
    put_decimal(high, Infinity::positive);
    EXPECT_LT(low, bytes(value));
    EXPECT_LT(bytes(value), high);
    ByteView rest = next;
    EXPECT_EQ(take_decimal(rest), bytes(value));
    EXPECT_EQ(rest, "rest");
  }
}

TEST(SearchEncoding, TimesAreIntervals) {
  const auto length = [](std::string_view text) {
    const auto found = interval_of(text);
    return found ? (found->end - found->start) / 1'000'000.0 : -1;
  };
  EXPECT_EQ(length("2024"), 366 * 86400.0);
  EXPECT_EQ(length("2023-02"), 28 * 86400.0);
  EXPECT_EQ(length("2023-12"), 31 * 86400.0);
  EXPECT_EQ(length("2024-03-01"), 86400.0);
  EXPECT_EQ(length("2024-03-01T10:00Z"), 60.0);
  EXPECT_EQ(length("2024-03-01T10:00:00Z"), 1.0);
  EXPECT_EQ(length("2024-03-01T10:00:00.250Z"), 0.001);
  EXPECT_EQ(length("no date"), -1);
  EXPECT_EQ(interval_of("2024-03-01T10:00:00+02:00"), interval_of("2024-03-01T08:00:00Z"));
  EXPECT_EQ(interval_of("1970-01-02")->start, 86'400'000'000);
  std::string before, after;
  put_time(before, -5);
  put_time(after, 5);
  EXPECT_LT(before, after);
  ByteView rest = before;
  EXPECT_EQ(take_time(rest), -5);
}

TEST(SearchEncoding, LongTextsStayDistinct) {
  const std::string a(2000, 'a'), b = a + 'b';
  std::string first, second;
  put_text(first, a);
  put_text(second, b);
  EXPECT_NE(first, second);
  EXPECT_LE(first.size(), text_bytes_max + 40);
  EXPECT_EQ(first.find('\0'), first.size() - 1);
}

TEST(SearchFold, CaseAccentsAndSpacesDoNotCount) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"  Müller   LÜDENSCHEID ", "muller ludenscheid"},
      {"Mu\xCC\x88ller", "muller"},
      {"Ærøskøbing", "aeroskobing"},
      {"Straße", "strasse"},
      {"Łódź", "lodz"},
      {"NGUYỄN Thị", "nguyen thi"},
      {"Ångström", "angstrom"},
      {"İstanbul Çağ", "istanbul cag"},
      {"ΑΘΉΝΑ", "αθηνα"},
      {"Фёдор Йожеф", "федор иожеф"},
      {"ＡＢＣ１", "abc1"},
      {"王小明", "王小明"},
      {"محمد", "محمد"},
      {"O'Brien-Smith", "o'brien-smith"},
      {"\t\n", ""},
      {"\xFF\xFE", fold("\xFF\xFE")},
  };
  for (const auto& [text, folded] : cases) EXPECT_EQ(fold(text), folded) << text;
}

}  // namespace
}  // namespace salus::fhir::search
