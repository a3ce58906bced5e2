#include "device/code.hpp"

#include <array>
#include <cstring>

#include "base/assert.hpp"

namespace salus::device {
namespace {

using enum CodeKind;

// MDC numbers and REFIDs: ISO/IEEE 11073-10101 (partition 2 × 65536 + term); LOINC: loinc.org; units: UCUM.
// Ranges are what a sensor can report, not what is healthy: a value outside is a broken reading.
constexpr std::array table{
    CodeInfo{"hr heart_rate 8867-4 147842", numeric, 147842, "MDC_ECG_HEART_RATE", "8867-4", "/min", 1, 0, 350,
             "Heart rate", "心率"},
    CodeInfo{"pulse pr 8889-8 149530", numeric, 149530, "MDC_PULS_OXIM_PULS_RATE", "8889-8", "/min", 1, 0, 350,
             "Pulse rate", "脉率"},
    CodeInfo{"pulse_nibp 149546", numeric, 149546, "MDC_PULS_RATE_NON_INV", "8867-4", "/min", 1, 0, 350,
             "Pulse rate (cuff)", "脉率（袖带）"},
    CodeInfo{"spo2 59408-5 2708-6 150456", numeric, 150456, "MDC_PULS_OXIM_SAT_O2", "59408-5", "%", 1, 0, 100, "SpO2",
             "血氧饱和度"},
    CodeInfo{"pi 61006-3 150448", numeric, 150448, "MDC_PULS_OXIM_PERF_REL", "61006-3", "%", 2, 0, 100,
             "Perfusion index", "灌注指数"},
    CodeInfo{"rr resp_rate 9279-1 151562", numeric, 151562, "MDC_RESP_RATE", "9279-1", "/min", 1, 0, 200,
             "Respiration rate", "呼吸频率"},
    CodeInfo{"rr_imp 151578", numeric, 151578, "MDC_TTHOR_RESP_RATE", "9279-1", "/min", 1, 0, 200,
             "Respiration rate (impedance)", "呼吸频率（阻抗）"},
    CodeInfo{"rr_co2 151594", numeric, 151594, "MDC_CO2_RESP_RATE", "9279-1", "/min", 1, 0, 200,
             "Respiration rate (CO2)", "呼吸频率（CO2）"},
    CodeInfo{"nibp_sys 8480-6 76534-7 150021", numeric, 150021, "MDC_PRESS_BLD_NONINV_SYS", "8480-6", "mm[Hg]", 1, 0,
             350, "NIBP systolic", "无创收缩压"},
    CodeInfo{"nibp_dia 8462-4 76535-4 150022", numeric, 150022, "MDC_PRESS_BLD_NONINV_DIA", "8462-4", "mm[Hg]", 1, 0,
             350, "NIBP diastolic", "无创舒张压"},
    CodeInfo{"nibp_map 8478-0 76536-2 150023", numeric, 150023, "MDC_PRESS_BLD_NONINV_MEAN", "8478-0", "mm[Hg]", 1, 0,
             350, "NIBP mean", "无创平均压"},
    CodeInfo{"art_sys 76215-3 150033", numeric, 150033, "MDC_PRESS_BLD_ART_SYS", "76215-3", "mm[Hg]", 1, -50, 400,
             "Arterial systolic", "动脉收缩压"},
    CodeInfo{"art_dia 76213-8 150034", numeric, 150034, "MDC_PRESS_BLD_ART_DIA", "76213-8", "mm[Hg]", 1, -50, 400,
             "Arterial diastolic", "动脉舒张压"},
    CodeInfo{"art_map 76214-6 150035", numeric, 150035, "MDC_PRESS_BLD_ART_MEAN", "76214-6", "mm[Hg]", 1, -50, 400,
             "Arterial mean", "动脉平均压"},
    CodeInfo{"abp_sys 150037", numeric, 150037, "MDC_PRESS_BLD_ART_ABP_SYS", "76215-3", "mm[Hg]", 1, -50, 400,
             "ABP systolic", "有创收缩压"},
    CodeInfo{"abp_dia 150038", numeric, 150038, "MDC_PRESS_BLD_ART_ABP_DIA", "76213-8", "mm[Hg]", 1, -50, 400,
             "ABP diastolic", "有创舒张压"},
    CodeInfo{"abp_map 150039", numeric, 150039, "MDC_PRESS_BLD_ART_ABP_MEAN", "76214-6", "mm[Hg]", 1, -50, 400,
             "ABP mean", "有创平均压"},
    CodeInfo{"cvp 60985-9 150087", numeric, 150087, "MDC_PRESS_BLD_VEN_CENT_MEAN", "60985-9", "mm[Hg]", 1, -50, 100,
             "CVP mean", "中心静脉压"},
    CodeInfo{"pa_map 8414-5 150047", numeric, 150047, "MDC_PRESS_BLD_ART_PULM_MEAN", "8414-5", "mm[Hg]", 1, -50, 200,
             "PA mean", "肺动脉平均压"},
    CodeInfo{"icp 60956-0 153611", numeric, 153611, "MDC_PRESS_INTRA_CRAN_MEAN", "60956-0", "mm[Hg]", 1, -50, 200,
             "ICP mean", "颅内压"},
    CodeInfo{"temp 8310-5 150344", numeric, 150344, "MDC_TEMP", "8310-5", "Cel", 2, 10, 50, "Temperature", "体温"},
    CodeInfo{"temp_body 150364", numeric, 150364, "MDC_TEMP_BODY", "8310-5", "Cel", 2, 10, 50, "Body temperature",
             "体表温度"},
    CodeInfo{"temp_core 8329-5 150368", numeric, 150368, "MDC_TEMP_CORE", "8329-5", "Cel", 2, 10, 50,
             "Core temperature", "核心体温"},
    CodeInfo{"temp_rect 8332-9 188420", numeric, 188420, "MDC_TEMP_RECT", "8332-9", "Cel", 2, 10, 50,
             "Rectal temperature", "直肠温度"},
    CodeInfo{"temp_tymp 8333-7 150392", numeric, 150392, "MDC_TEMP_TYMP", "8333-7", "Cel", 2, 10, 50,
             "Tympanic temperature", "耳温"},
    CodeInfo{"etco2 19891-1 151728", numeric, 151728, "MDC_AWAY_CO2_ET", "19891-1", "mm[Hg]", 1, 0, 200, "EtCO2",
             "呼气末二氧化碳"},
    CodeInfo{"etco2_pct 19889-5 151708", numeric, 151708, "MDC_CONC_AWAY_CO2_ET", "19889-5", "%", 2, 0, 30,
             "EtCO2 (fraction)", "呼气末二氧化碳浓度"},
    CodeInfo{"fio2 3150-6 152196", numeric, 152196, "MDC_CONC_AWAY_O2_INSP", "3150-6", "%", 1, 10, 100, "FiO2",
             "吸入氧浓度"},
    CodeInfo{"pvc 148065", numeric, 148065, "MDC_ECG_V_P_C_CNT", "", "/min", 0, 0, 400, "PVC count", "室性早搏"},
    CodeInfo{"st_ii 131842", numeric, 131842, "MDC_ECG_AMPL_ST_II", "", "mm", 2, -50, 50, "ST, lead II",
             "ST 段（II 导联）"},
    CodeInfo{"co 8741-1 150276", numeric, 150276, "MDC_OUTPUT_CARD", "8741-1", "L/min", 2, 0, 40, "Cardiac output",
             "心输出量"},
    CodeInfo{"gcs 9269-2", numeric, private_mdc(1), "", "9269-2", "{score}", 0, 3, 15, "Glasgow coma scale",
             "格拉斯哥昏迷评分"},
    CodeInfo{"wbc 6690-2", numeric, private_mdc(5), "", "6690-2", "10*9/L", 2, 0, 1000, "White cells", "白细胞"},
    CodeInfo{"wbc_bands", numeric, private_mdc(6), "", "", "%", 1, 0, 100, "Band forms", "杆状核粒细胞"},
    CodeInfo{"paco2 2019-8", numeric, private_mdc(7), "", "2019-8", "mm[Hg]", 1, 0, 250, "PaCO2", "动脉血二氧化碳分压"},
    CodeInfo{"avpu 67775-7", ordinal, private_mdc(2), "", "67775-7", "{level}", 0, 0, 4, "Consciousness (ACVPU)",
             "意识水平"},
    CodeInfo{"on_oxygen", flag, private_mdc(3), "", "", "{flag}", 0, 0, 1, "On oxygen", "吸氧"},
    CodeInfo{"news2", derived, private_mdc(4), "", "", "{score}", 0, 0, 20, "NEWS2", "NEWS2 评分"},
    CodeInfo{"hr_ecg", derived, private_mdc(20), "", "", "/min", 1, 0, 350, "Heart rate (counted from ECG)",
             "心率（由心电计算）"},
    CodeInfo{"ecg 11524-6 131328", wave, 131328, "MDC_ECG_ELEC_POTL", "11524-6", "mV", 8, -20, 20, "ECG", "心电"},
    CodeInfo{"ecg_i 131329", wave, 131329, "MDC_ECG_ELEC_POTL_I", "", "mV", 8, -20, 20, "ECG I", "心电 I"},
    CodeInfo{"ecg_ii 131330", wave, 131330, "MDC_ECG_ELEC_POTL_II", "", "mV", 8, -20, 20, "ECG II", "心电 II"},
    CodeInfo{"ecg_v 131331", wave, 131331, "MDC_ECG_ELEC_POTL_V1", "", "mV", 8, -20, 20, "ECG V1", "心电 V1"},
    CodeInfo{"ecg_iii 131389", wave, 131389, "MDC_ECG_ELEC_POTL_III", "", "mV", 8, -20, 20, "ECG III", "心电 III"},
    CodeInfo{"pleth 150452", wave, 150452, "MDC_PULS_OXIM_PLETH", "", "1", 8, -20, 20, "Pleth", "容积脉搏波"},
    CodeInfo{"art 150036", wave, 150036, "MDC_PRESS_BLD_ART_ABP", "", "mm[Hg]", 5, -500, 1000, "Arterial pressure",
             "动脉压波形"},
    CodeInfo{"resp 151552", wave, 151552, "MDC_RESP", "", "Ohm", 8, -20, 20, "Respiration", "呼吸波"},
    CodeInfo{"co2 151724", wave, 151724, "MDC_AWAY_CO2", "", "mm[Hg]", 3, -100, 500, "CO2", "二氧化碳波形"},
};
static_assert(table.size() <= code_count_max);

constexpr std::uint64_t load(const char* at, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{static_cast<std::uint8_t>(at[i])} << (8 * i);
  return word;
}

// Names of up to 16 bytes are compared as two words: a message's six keys cost a few nanoseconds each.
struct Slot {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  std::uint8_t code = 0xFF;
};
constexpr std::size_t slot_count = 1024;  // a sixth full: nearly every lookup ends at its first slot

constexpr std::size_t slot_of(std::uint64_t head, std::uint64_t tail) {
  return static_cast<std::size_t>(((head ^ tail * 0x9E3779B97F4A7C15ULL) * 0xD6E8FEB86659FD93ULL) >> 54);
}

constexpr std::array<Slot, slot_count> build_slots() {
  std::array<Slot, slot_count> slots{};
  for (std::size_t row = 0; row < table.size(); ++row) {
    std::string_view names = table[row].names;
    while (!names.empty()) {
      const std::string_view one = names.substr(0, names.find(' '));
      names.remove_prefix(one.size() < names.size() ? one.size() + 1 : one.size());
      const std::uint64_t head = load(one.data(), one.size() < 8 ? one.size() : 8);
      const std::uint64_t tail = one.size() > 8 ? load(one.data() + 8, one.size() - 8) : 0;
      std::size_t at = slot_of(head, tail);
      while (slots[at].code != 0xFF) at = (at + 1) % slot_count;
      slots[at] = {head, tail, static_cast<std::uint8_t>(row)};
    }
  }
  return slots;
}
const std::array<Slot, slot_count> slots = build_slots();

std::uint64_t load_run(const char* at, std::size_t count) {
  std::uint64_t word = 0;
  if (count >= 8) {
    std::memcpy(&word, at, 8);
  } else if (count >= 4) {
    std::uint32_t low, high;
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + count - 4, 4);
    word = low | std::uint64_t{high} << (8 * (count - 4));
  } else {
    word = load(at, count);
  }
  return word;
}

constexpr std::array<std::int32_t, 9> powers_of_ten{1,       10,        100,        1'000,      10'000,
                                                    100'000, 1'000'000, 10'000'000, 100'000'000};
static_assert([] {
  for (const CodeInfo& row : table)
    if (row.scale >= powers_of_ten.size()) return false;
  return true;
}());

}  // namespace

Value CodeInfo::low_stored() const {
  return low * powers_of_ten[scale];
}
Value CodeInfo::high_stored() const {
  return high * powers_of_ten[scale];
}

std::span<const CodeInfo> codes() {
  return table;
}

const CodeInfo& info(Code code) {
  SALUS_ASSERT(index(code) < table.size());
  return table[index(code)];
}

Code find_code(std::string_view key) {
  if (key.starts_with("loinc:")) key.remove_prefix(6);
  if (key.starts_with("mdc:")) key.remove_prefix(4);
  if (key.empty() || key.size() > 16) return no_code;
  const std::uint64_t head = load_run(key.data(), key.size() < 8 ? key.size() : 8);
  const std::uint64_t tail = key.size() > 8 ? load_run(key.data() + 8, key.size() - 8) : 0;
  for (std::size_t at = slot_of(head, tail); slots[at].code != 0xFF; at = (at + 1) % slot_count)
    if (slots[at].head == head && slots[at].tail == tail) return Code{slots[at].code};
  return no_code;
}

Code code_of_mdc(std::uint32_t mdc) {
  for (std::size_t row = 0; row < table.size(); ++row)
    if (table[row].mdc == mdc) return Code{static_cast<std::uint8_t>(row)};
  return no_code;
}

Code code_named(std::string_view alias) {
  const Code code = find_code(alias);
  SALUS_ASSERT(code != no_code);
  return code;
}

int avpu_level(std::string_view letter) {
  constexpr std::string_view levels = "ACVPU";
  return letter.size() == 1 ? static_cast<int>(static_cast<std::ptrdiff_t>(levels.find(letter.front()))) : -1;
}

std::string decimal_text(Value stored, unsigned scale) {
  const std::uint32_t magnitude =
      stored < 0 ? 0U - static_cast<std::uint32_t>(stored) : static_cast<std::uint32_t>(stored);
  std::string text = std::to_string(magnitude);
  if (scale > 0) {
    if (text.size() <= scale) text.insert(0, scale + 1 - text.size(), '0');
    text.insert(text.size() - scale, 1, '.');
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return stored < 0 ? "-" + text : text;
}

}  // namespace salus::device
