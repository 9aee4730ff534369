// What htmx needs on our lists. It may build the fragments of our own server under
// `require-trusted-types-for 'script'` but run no script; and whoever asked for more goes on at the
// first of what came.

/**
 * @typedef {object} Internal
 * @property {(policy: object, evaluate: () => never, construct: () => never) => void} initSecurity
 */
/** @typedef {{createPolicy: (name: string, rules: object) => object}} TrustedTypes */
/** @typedef {{registerExtension: (name: string, extension: object) => void}} Htmx */
const page = /** @type {{htmx: Htmx, trustedTypes?: TrustedTypes}} */ (
  /** @type {unknown} */ (window)
);

page.htmx.registerExtension("lists", {
  /** @param {Internal} internal */
  init(internal) {
    const refuse = () => {
      throw new TypeError("htmx runs no script here");
    };
    const policy = { createHTML: (/** @type {string} */ html) => html, createScript: refuse };
    internal.initSecurity(
      page.trustedTypes?.createPolicy("htmx", policy) ?? policy,
      refuse,
      refuse,
    );
  },
  htmx_after_swap() {
    const first = /** @type {HTMLElement|null} */ (document.querySelector("[data-new]"));
    first?.removeAttribute("data-new");
    first?.focus();
  },
});
