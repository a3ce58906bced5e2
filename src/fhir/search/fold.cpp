#include "fhir/search/fold.hpp"

#include <cstdint>
#include <utility>

namespace salus::fhir::search {
namespace {

// The base letter of each character from U+00C0 and from U+1E00 on ('.': see `special`, or it stays). From Unicode's
// decompositions, with bars and hooks taken off as well.
constexpr std::string_view latin =
    "aaaaaa.ceeeeiiiidnooooo..uuuuy..aaaaaa.ceeeeiiiidnooooo..uuuuy.yaaaaaaccccccccddddeeeeeeeeeegggggggg"
    "hhhhiiiiiiiiii..jjkk.llllllllllnnnnnnn..oooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzsbbbb...c"
    "cdddd....ffg...ikkl..nnooo..pp.....ttttuu.vyyzz......................aaiioouuuuuuuuuu.aaaa..ggggkkoo"
    "oo..j...gg..nnaa....aaaaeeeeiiiioooorrrruuuusstt..hhnd..zzaaeeooooooooyylntj..accltsz..bu.eejj..rryy";
constexpr std::string_view latin_additional =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssss"
    "ssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s....aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeee"
    "iiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";

std::string_view special(std::uint32_t c) {
  switch (c) {
    case 0xC6:
    case 0xE6:
    case 0x1E2:
    case 0x1E3:
    case 0x1FC:
    case 0x1FD:
      return "ae";
    case 0xD8:
    case 0xF8:
    case 0x1FE:
    case 0x1FF:
      return "o";
    case 0xDE:
    case 0xFE:
      return "th";
    case 0xDF:
    case 0x1E9E:
      return "ss";
    case 0x132:
    case 0x133:
      return "ij";
    case 0x152:
    case 0x153:
      return "oe";
    case 0x1C4:
    case 0x1C5:
    case 0x1C6:
    case 0x1F1:
    case 0x1F2:
    case 0x1F3:
      return "dz";
    default:
      return {};
  }
}

// Greek accented letters that are not found by distance.
std::uint32_t greek(std::uint32_t c) {
  switch (c) {
    case 0x386:
    case 0x3AC:
      return 0x3B1;
    case 0x388:
    case 0x3AD:
      return 0x3B5;
    case 0x389:
    case 0x3AE:
      return 0x3B7;
    case 0x38A:
    case 0x390:
    case 0x3AA:
    case 0x3AF:
    case 0x3CA:
      return 0x3B9;
    case 0x38C:
    case 0x3CC:
      return 0x3BF;
    case 0x38E:
    case 0x3AB:
    case 0x3B0:
    case 0x3CB:
    case 0x3CD:
      return 0x3C5;
    case 0x38F:
    case 0x3CE:
      return 0x3C9;
    case 0x3C2:
      return 0x3C3;
    default:
      return c >= 0x391 && c <= 0x3A9 ? c + 32 : c;
  }
}

std::uint32_t cyrillic(std::uint32_t c) {
  if (c >= 0x400 && c <= 0x40F) c += 80;
  if (c >= 0x410 && c <= 0x42F) c += 32;
  if (c == 0x450 || c == 0x451) return 0x435;
  if (c == 0x439) return 0x438;
  if (c == 0x457) return 0x456;
  if (c >= 0x460 && c <= 0x52F && !(c >= 0x482 && c <= 0x489) && !(c >= 0x4C0 && c <= 0x4CF)) return c | 1;
  return c;
}

std::uint32_t folded(std::uint32_t c) {
  if (c >= 0x370 && c < 0x400) return greek(c);
  if (c >= 0x400 && c < 0x530) return cyrillic(c);
  if (c >= 0x531 && c <= 0x556) return c + 48;
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

void put_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

// The next character; a byte that begins none is one by itself.
std::uint32_t take_utf8(std::string_view& rest) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(rest[i])); };
  const std::uint32_t lead = byte(0);
  const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint32_t c = size == 1 ? lead : lead & (0x7Fu >> size);
  if (rest.size() < size) {
    rest = {};
    return 0xFFFD;
  }
  for (std::size_t i = 1; i < size; ++i) c = c << 6 | (byte(i) & 0x3F);
  rest.remove_prefix(size);
  return c;
}

bool is_space(std::uint32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200A);
}

}  // namespace

std::string fold(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool space = false;
  for (std::string_view rest = text; !rest.empty();) {
    const std::uint32_t c = take_utf8(rest);
    if (is_space(c)) {
      space = !out.empty();
      continue;
    }
    if (c >= 0x300 && c <= 0x36F) continue;
    if (std::exchange(space, false)) out.push_back(' ');
    const std::string_view table = c >= 0x1E00 ? latin_additional : latin;
    const std::uint32_t at = c - (c >= 0x1E00 ? 0x1E00 : 0xC0);
    if (const std::string_view letters = special(c); !letters.empty()) {
      out += letters;
    } else if (c >= 0xC0 && at < table.size() && table[at] != '.') {
      out.push_back(table[at]);
    } else {
      put_utf8(out, folded(c));
    }
  }
  return out;
}

}  // namespace salus::fhir::search
