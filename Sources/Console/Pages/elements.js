// Small makers of elements. Text is always text: nothing from the wire is ever parsed as markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  return fill(element, attributes, children);
}

export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  return fill(element, attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/// Chinese first, English small beside it.
export function words(chinese, english) {
  const element = h("span", { class: "words" }, chinese);
  if (english) element.append(" ", h("small", { lang: "en" }, english));
  return element;
}

/// Sets text only where it differs, so that what does not change costs nothing and can be selected.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
