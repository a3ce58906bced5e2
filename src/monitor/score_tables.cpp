// The bands of every score: data, as their sources give them. Steps are in stored integers: vitals are stored in
// tenths, temperatures in hundredths, so a step of 10 reads whole numbers and tenths of a degree, as charts do. Where a
// source says "more than", values are compared as they are (step 1).
#include "monitor/scores.hpp"

namespace salus::monitor {
namespace {

constexpr std::int32_t above = band_above;
constexpr std::int64_t minute_s = 60, hour_s = 3'600;

// Who measures a vital: the first is the one whose scale counts.
using Codes = std::array<std::string_view, 4>;
constexpr Codes breathing{"rr", "rr_co2", "rr_imp", ""};
constexpr Codes heart{"hr", "pulse", "pulse_nibp", ""};
constexpr Codes systolic{"nibp_sys", "art_sys", "abp_sys", ""};
constexpr Codes warmth{"temp", "temp_core", "temp_tymp", "temp_rect"};
constexpr Codes only(std::string_view code) {
  return {code, "", "", ""};
}

// National Early Warning Score 2, Royal College of Physicians, 2017, chart 1; SpO2 scale 1.
constexpr ScoreBand news2_rr[] = {{8, 3}, {11, 1}, {20, 0}, {24, 2}, {above, 3}};
constexpr ScoreBand news2_spo2[] = {{91, 3}, {93, 2}, {95, 1}, {above, 0}};
constexpr ScoreBand news2_oxygen[] = {{0, 0}, {above, 2}};
constexpr ScoreBand news2_systolic[] = {{90, 3}, {100, 2}, {110, 1}, {219, 0}, {above, 3}};
constexpr ScoreBand news2_pulse[] = {{40, 3}, {50, 1}, {90, 0}, {110, 1}, {130, 2}, {above, 3}};
constexpr ScoreBand news2_avpu[] = {{0, 0}, {above, 3}};
constexpr ScoreBand news2_temp[] = {{350, 3}, {360, 1}, {380, 0}, {390, 1}, {above, 2}};
// Continuous vitals as old as on a monitor; the others as often as NEWS2 asks for at low risk. By News2Parameter.
constexpr ScoreInput news2_inputs[] = {{breathing, 10, 10 * minute_s, news2_rr},
                                       {only("spo2"), 10, 10 * minute_s, news2_spo2},
                                       {only("on_oxygen"), 1, 12 * hour_s, news2_oxygen},
                                       {systolic, 10, 60 * minute_s, news2_systolic},
                                       {heart, 10, 10 * minute_s, news2_pulse},
                                       {only("avpu"), 1, 12 * hour_s, news2_avpu},
                                       {warmth, 10, 12 * hour_s, news2_temp}};
constexpr ScoreItem news2_items[] = {
    {"rr", std::span(news2_inputs).subspan(0, 1)},        {"spo2", std::span(news2_inputs).subspan(1, 1)},
    {"on_oxygen", std::span(news2_inputs).subspan(2, 1)}, {"nibp_sys", std::span(news2_inputs).subspan(3, 1)},
    {"hr", std::span(news2_inputs).subspan(4, 1)},        {"avpu", std::span(news2_inputs).subspan(5, 1)},
    {"temp", std::span(news2_inputs).subspan(6, 1)}};

// Modified Early Warning Score: Subbe et al., QJM 2001. New confusion is no level of its scale: it counts like "voice".
constexpr ScoreBand mews_systolic[] = {{70, 3}, {80, 2}, {100, 1}, {199, 0}, {above, 2}};
constexpr ScoreBand mews_pulse[] = {{39, 2}, {50, 1}, {100, 0}, {110, 1}, {129, 2}, {above, 3}};
constexpr ScoreBand mews_rr[] = {{8, 2}, {14, 0}, {20, 1}, {29, 2}, {above, 3}};
constexpr ScoreBand mews_temp[] = {{349, 2}, {384, 0}, {above, 2}};
constexpr ScoreBand mews_avpu[] = {{0, 0}, {2, 1}, {3, 2}, {above, 3}};
constexpr ScoreInput mews_inputs[] = {{systolic, 10, 60 * minute_s, mews_systolic},
                                      {heart, 10, 10 * minute_s, mews_pulse},
                                      {breathing, 10, 10 * minute_s, mews_rr},
                                      {warmth, 10, 12 * hour_s, mews_temp},
                                      {only("avpu"), 1, 12 * hour_s, mews_avpu}};
constexpr ScoreItem mews_items[] = {{"nibp_sys", std::span(mews_inputs).subspan(0, 1)},
                                    {"hr", std::span(mews_inputs).subspan(1, 1)},
                                    {"rr", std::span(mews_inputs).subspan(2, 1)},
                                    {"temp", std::span(mews_inputs).subspan(3, 1)},
                                    {"avpu", std::span(mews_inputs).subspan(4, 1)}};

// qSOFA: Singer et al., JAMA 2016. Altered mentation: GCS below 15, or not alert.
constexpr ScoreBand qsofa_rr[] = {{219, 0}, {above, 1}};
constexpr ScoreBand qsofa_systolic[] = {{1000, 1}, {above, 0}};
constexpr ScoreBand qsofa_gcs[] = {{14, 1}, {above, 0}};
constexpr ScoreBand qsofa_avpu[] = {{0, 0}, {above, 1}};
constexpr ScoreInput qsofa_inputs[] = {{breathing, 1, 10 * minute_s, qsofa_rr},
                                       {systolic, 1, 60 * minute_s, qsofa_systolic},
                                       {only("gcs"), 1, 12 * hour_s, qsofa_gcs},
                                       {only("avpu"), 1, 12 * hour_s, qsofa_avpu}};
constexpr ScoreItem qsofa_items[] = {{"rr", std::span(qsofa_inputs).subspan(0, 1)},
                                     {"nibp_sys", std::span(qsofa_inputs).subspan(1, 1)},
                                     {"gcs", std::span(qsofa_inputs).subspan(2, 2)}};

// SIRS: Bone et al., Chest 1992. White cells in 10^9/L, stored in hundredths; PaCO2 in mmHg, band forms in %, in
// tenths.
constexpr ScoreBand sirs_temp[] = {{3599, 1}, {3800, 0}, {above, 1}};
constexpr ScoreBand sirs_pulse[] = {{900, 0}, {above, 1}};
constexpr ScoreBand sirs_rr[] = {{200, 0}, {above, 1}};
constexpr ScoreBand sirs_paco2[] = {{319, 1}, {above, 0}};
constexpr ScoreBand sirs_wbc[] = {{399, 1}, {1200, 0}, {above, 1}};
constexpr ScoreBand sirs_bands[] = {{100, 0}, {above, 1}};
constexpr ScoreInput sirs_inputs[] = {
    {warmth, 1, 12 * hour_s, sirs_temp},     {heart, 1, 10 * minute_s, sirs_pulse},
    {breathing, 1, 10 * minute_s, sirs_rr},  {only("paco2"), 1, 12 * hour_s, sirs_paco2},
    {only("wbc"), 1, 24 * hour_s, sirs_wbc}, {only("wbc_bands"), 1, 24 * hour_s, sirs_bands}};
constexpr ScoreItem sirs_items[] = {{"temp", std::span(sirs_inputs).subspan(0, 1)},
                                    {"hr", std::span(sirs_inputs).subspan(1, 1)},
                                    {"rr", std::span(sirs_inputs).subspan(2, 2)},
                                    {"wbc", std::span(sirs_inputs).subspan(4, 2)}};

constexpr ScoreTable tables[] = {
    {"NEWS2", "Royal College of Physicians: National Early Warning Score (NEWS) 2, 2017", 5, news2_items},
    {"MEWS", "Subbe et al., QJM 2001; 94: 521-526", 5, mews_items},
    {"qSOFA", "Singer et al., JAMA 2016; 315: 801-810", 2, qsofa_items},
    {"SIRS", "Bone et al., Chest 1992; 101: 1644-1655", 2, sirs_items},
};

}  // namespace

std::span<const ScoreTable> score_tables() {
  return tables;
}

}  // namespace salus::monitor
