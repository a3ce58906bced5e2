// The contrast of every text on the page with what stands behind it, by WCAG 2's formula. Runs in the page.
export const low_contrast = (page, least = 4.5) =>
  page.evaluate((limit) => {
    const parse = (text) => {
      const numbers = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
      return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 };
    };
    const over = (top, alpha, under) => top.map((value, i) => value * alpha + under[i] * (1 - alpha));
    const ground = (element) => {
      const layers = [];
      for (let at = element; at; at = at.parentElement) {
        const { rgb, alpha } = parse(getComputedStyle(at).backgroundColor);
        if (alpha > 0) layers.push([rgb, alpha]);
        if (alpha === 1) break;
      }
      return layers.reverse().reduce((under, [rgb, alpha]) => over(rgb, alpha, under), [255, 255, 255]);
    };
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent.trim();
      if (!text || !element || !element.checkVisibility() || element.closest("[disabled], .ant-btn-loading, noscript, script, style")) continue;
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const behind = ground(element);
      const { rgb, alpha } = parse(getComputedStyle(element).color);
      const [light, dark] = [luminance(over(rgb, alpha, behind)), luminance(behind)].sort((a, b) => b - a);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < limit) found.push(`${ratio.toFixed(2)} "${text.slice(0, 30)}" .${element.className}`);
    }
    return [...new Set(found)];
  }, least);
