/* What is wrong on the open page, as a list of sentences. Runs in the page; see test_every_page.py. */
() => {
  const found = [];
  const shown = (node) => node.textContent.trim().replace(/\s+/g, " ").slice(0, 70);

  for (const formula of document.querySelectorAll(".math")) {
    const set = formula.querySelectorAll("mjx-container").length;
    if (set !== 1) found.push(`a formula became ${set} typeset ones: ${shown(formula)}`);
  }
  for (const error of document.querySelectorAll("mjx-merror, [data-mjx-error]")) {
    found.push(`MathJax cannot read a formula: ${error.getAttribute("data-mjx-error") ?? shown(error)}`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    if (/\\\(|\\\[|\\begin\{|Math input error/.test(node.data) && !node.parentElement.closest("pre, code, script, style, mjx-container")) {
      found.push(`a formula is left as it was typed: ${shown(node)}`);
    }
  }

  for (const picture of document.images) {
    const name = picture.getAttribute("src").slice(-60);
    if (!(picture.complete && picture.naturalWidth > 0)) found.push(`a picture has not loaded: ${name}`);
    if (!picture.getAttribute("alt")) found.push(`a picture has no alternative text: ${name}`);
  }

  // Wide things scroll in a box of their own; the page itself never does.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1) {
    found.push(`the page is ${document.documentElement.scrollWidth} wide on a screen of ${width}`);
  }
  const inBox = (node) => {
    for (let box = node.parentElement; box && !box.matches(".bd-article-container"); box = box.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(box).overflowX)) return true;
    }
    return false;
  };
  for (const node of document.querySelectorAll("main .bd-article-container *")) {
    const place = node.getBoundingClientRect();
    if (place.width > 0 && place.height > 0 && (place.right > width + 1 || place.left < -1) && !inBox(node)) {
      if (node.closest("mjx-assistive-mml")) continue; // for screen readers only
      const name = node.tagName.toLowerCase() + (node.id ? `#${node.id}` : "") + [...node.classList].map((c) => `.${c}`).join("");
      found.push(`sticks out of the screen, from ${Math.round(place.left)} to ${Math.round(place.right)}: ${name}: ${shown(node)}`);
      if (found.length > 30) break;
    }
  }
  return found;
}
