// Where text is cut by a box, or reaches out of the window, without anybody having meant it.
() => {
  const found = [];
  const at = (it) =>
    `${it.tagName.toLowerCase()}${it.className && it.className.baseVal === undefined ? "." + [...it.classList].join(".") : ""}`;
  const seen = (it) => it.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const scrolls = (how) => how === "auto" || how === "scroll";
  // The ellipsis is of a line of text, and not of boxes beside each other.
  const holds = (it, text) =>
    getComputedStyle(it).display !== "flex" && getComputedStyle(it).display !== "inline-flex" &&
    it.contains(text);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode()); ) {
    const holder = text.parentElement;
    if (!text.data.trim() || !holder || !seen(holder)) continue;
    if (holder.closest(".unseen, svg, script, style, [hidden], .map .ground, .city-map")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      let said = false; // by an ellipsis that it goes on
      for (let it = holder; it && it !== document.body; it = it.parentElement) {
        const { overflowX, overflowY, position, textOverflow } = getComputedStyle(it);
        const edge = it.getBoundingClientRect();
        if (edge.width <= 2 && overflowX !== "visible") break; // for who listens only
        if (scrolls(overflowX) || scrolls(overflowY)) break;
        if (textOverflow === "ellipsis" && holds(it, text)) said = true;
        const what = text.data.trim().slice(0, 40);
        if (overflowX !== "visible" && !said && (box.right > edge.right + 1 || box.left < edge.left - 1))
          found.push(`cut sideways by ${at(it)}: ${what}`);
        if (overflowY !== "visible" && (box.bottom > edge.bottom + 1 || box.top < edge.top - 1))
          found.push(`cut above or below by ${at(it)}: ${what}`);
        if (it.parentElement === document.body && !said && (box.right > innerWidth + 1 || box.left < -1))
          found.push(`out of the window: ${what}`);
        if (position === "fixed") break;
      }
    }
  }
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push(`the page is ${wide} too wide`);
  for (const it of document.querySelectorAll("main, .header, [role=dialog]")) {
    const over = it.scrollWidth - it.clientWidth;
    if (seen(it) && over > 1) found.push(`${at(it)} is ${over} too wide`);
  }
  return [...new Set(found)];
};
