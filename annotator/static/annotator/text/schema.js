/**
 * The schema of a corpus: labels, kinds of links, attributes, and the words by which a page calls
 * them.
 *
 * @typedef {"choice"|"choices"|"flag"|"text"|"number"} AttributeKind
 *
 * @typedef {object} Attribute
 * @property {string} name
 * @property {string} title
 * @property {AttributeKind} kind
 * @property {string[]} choices
 * @property {Record<string, string>} keys the key of a choice
 * @property {boolean} required
 * @property {any} default
 * @property {boolean} identity a span is known again by it
 * @property {boolean} fold it rides along with the frame
 *
 * @typedef {object} Label
 * @property {string} name
 * @property {string} title
 * @property {string} key
 * @property {boolean} fold
 * @property {Attribute[]} attributes
 *
 * @typedef {object} LinkKind
 * @property {string} name
 * @property {string} title
 * @property {string} facet
 * @property {string[]} sources
 * @property {string[]} targets
 * @property {string} key
 * @property {boolean} many
 * @property {boolean} required
 * @property {boolean} owned
 * @property {boolean} symmetric
 * @property {Record<string, string[]>} unless values of attributes that say why there is no link
 * @property {Attribute[]} attributes
 *
 * @typedef {{labels: Label[], links: LinkKind[], attributes: Attribute[]}} SchemaData
 * @typedef {"frame"|"part"|"fold"|"plain"|"document"} Role what a span is in the layer: a frame
 *   with links, part of the frame that owns it, riding along, a span without links, or no span but
 *   the document
 */

/** The document has this label, which no span has, and this ident. */
export const DOCUMENT = "";
export const DOCUMENT_IDENT = 0;

/** Signs that say without colour what a choice means, where each choice has one. */
const SIGNS = new Map([
  ["support", "▲"],
  ["oppose", "▼"],
  ["neutral", "●"],
  ["mixed", "◐"],
  ["unclear", "◌"],
]);

/** @param {string} name */
const plain = (name) => name.replaceAll("_", " ");

/** @param {{name: string, title?: string}} item whether its title only repeats its name */
function repeatsName({ name, title }) {
  return !title || title.toLowerCase() === plain(name).toLowerCase();
}

/** What an attribute or a kind of link is called. @param {{name: string, title?: string}} item */
export function word({ name, title }) {
  return title || plain(name);
}

/**
 * Titles as a page writes them: as they are, or where all of them only repeat the names, as the
 * names are written.
 * @param {SchemaData} data
 * @returns {SchemaData}
 */
function titled({ labels, links, attributes = [] }) {
  const held = [...labels, ...links].flatMap((holder) => holder.attributes);
  const items = [...links, ...held, ...attributes];
  const areNames = items.every(repeatsName);
  /** @template {{name: string, title: string}} T @param {T} item @returns {T} */
  const called = (item) => ({ ...item, title: areNames ? plain(item.name) : word(item) });
  return {
    labels: labels.map((label) => ({ ...label, attributes: label.attributes.map(called) })),
    links: links.map((kind) => ({ ...called(kind), attributes: kind.attributes.map(called) })),
    attributes: attributes.map(called),
  };
}

/** What stands at the other end of a kind of link, or the kind itself. @param {LinkKind} kind */
export function linkWord(kind) {
  return kind.facet && kind.facet !== kind.name ? kind.facet : word(kind);
}

/** @param {Attribute} attribute @param {any} value @returns {string} a value as people read it */
export function valueWords(attribute, value) {
  if (value === null || value === undefined || value === "") return "none";
  if (attribute.kind === "flag") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.join(", ");
  return signed(attribute, value);
}

/** @param {Attribute} attribute whether each of its choices has a sign */
export function hasSigns({ choices }) {
  return choices.length > 0 && choices.every((choice) => SIGNS.has(choice));
}

/** The sign of a choice; "" where it has none. @param {Attribute} attribute @param {any} value */
export function signOf(attribute, value) {
  return hasSigns(attribute) ? (SIGNS.get(value) ?? "") : "";
}

/** @param {Attribute} attribute @param {any} value */
export function signed(attribute, value) {
  const sign = signOf(attribute, value);
  return sign ? `${sign} ${value}` : String(value);
}

/** @param {any} value whether an attribute is without a value */
export function isEmpty(value) {
  return (
    value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length)
  );
}

/** @param {Attribute} attribute @param {any} value whether it may have this value */
export function allows(attribute, value) {
  if (attribute.kind === "choice") return attribute.choices.includes(value);
  if (attribute.kind === "choices") {
    return Array.isArray(value) && value.every((one) => attribute.choices.includes(one));
  }
  if (attribute.kind === "flag") return typeof value === "boolean";
  return typeof value === (attribute.kind === "number" ? "number" : "string");
}

/**
 * What a reason for having no link says, and what the button says that gives it.
 * @type {Record<string, {words: (kind: LinkKind) => string, button: string}>}
 */
const REASONS = {
  author: { words: () => "the article itself", button: "the writer" },
  unknown: { words: (kind) => `no ${linkWord(kind)} in the text`, button: "not in text" },
};

/** @param {LinkKind} kind @param {string} value */
export function reasonWords(kind, value) {
  return REASONS[value]?.words(kind) ?? value;
}

/** What the bar and the help say of a reason. @param {LinkKind} kind @param {string} value */
export function reasonTitle(kind, value) {
  return REASONS[value] ? `no ${linkWord(kind)}` : `${linkWord(kind)}: ${value}`;
}

/** @param {string} value */
export function reasonButton(value) {
  return REASONS[value]?.button ?? value;
}

/** @param {LinkKind} kind @returns {{attribute: string, value: string}[]} */
export function reasonsOf(kind) {
  return Object.entries(kind.unless ?? {}).flatMap(([attribute, values]) =>
    values.map((value) => ({ attribute, value })),
  );
}

/**
 * Why a span has no link of a kind; null when nothing says so.
 * @param {LinkKind} kind
 * @param {Record<string, any>|undefined} attributes
 */
export function reasonIn(kind, attributes) {
  const reason = reasonsOf(kind).find(({ attribute, value }) => attributes?.[attribute] === value);
  return reason ?? null;
}

export class Schema {
  /** @param {SchemaData} data */
  constructor(data) {
    const { labels, links, attributes } = titled(data);
    this.labels = labels;
    this.links = links;
    this.attributes = attributes;
    this.labelOf = new Map(labels.map((label) => [label.name, label]));
    this.kindOf = new Map(links.map((kind) => [kind.name, kind]));
    const sources = new Set(links.flatMap((kind) => kind.sources));
    const owned = links.filter((kind) => kind.owned).flatMap((kind) => kind.targets);
    /** labels whose spans are part of the frame that owns them */
    this.parts = new Set(owned.filter((name) => !sources.has(name)));
    this.sources = sources;
  }

  /** @param {string} name @returns {Label} */
  label(name) {
    return this.labelOf.get(name) ?? { name, title: name, key: "", fold: false, attributes: [] };
  }

  /** @param {string} label what a span of a label is called */
  title(label) {
    return this.label(label).title || label;
  }

  /** @param {string} name @returns {LinkKind|null} */
  kind(name) {
    return this.kindOf.get(name) ?? null;
  }

  /** @param {string} label @returns {Role} */
  role(label) {
    if (label === DOCUMENT) return "document";
    if (this.labelOf.get(label)?.fold) return "fold";
    if (this.parts.has(label)) return "part";
    return this.sources.has(label) ? "frame" : "plain";
  }

  /** @param {string} label @returns {Attribute[]} */
  attributesOf(label) {
    return label === DOCUMENT ? this.attributes : this.label(label).attributes;
  }

  /** @param {string} label @param {string} name @returns {Attribute|null} */
  attribute(label, name) {
    return this.attributesOf(label).find((attribute) => attribute.name === name) ?? null;
  }

  /** Kinds of links that spans of a label may have. @param {string} label @returns {LinkKind[]} */
  kindsFrom(label) {
    return this.links.filter((kind) => kind.sources.includes(label));
  }

  /**
   * Attributes of a label with a field of their own. What only says why there is no link, and that
   * there is one, stands with the links.
   * @param {string} label
   */
  fieldsOf(label) {
    const kinds = this.kindsFrom(label);
    return this.attributesOf(label).filter(({ name, required, choices }) => {
      const reasons = kinds.flatMap((kind) => kind.unless?.[name] ?? []);
      const others = choices.filter((choice) => !reasons.includes(choice));
      return !reasons.length || required || others.length > 1;
    });
  }

  /** @param {string} label @returns {Attribute|null} by which its spans are known again */
  identity(label) {
    return this.attributesOf(label).find((attribute) => attribute.identity) ?? null;
  }

  /** @param {string} kind @param {string} source @param {string} target */
  joins(kind, source, target) {
    const found = this.kind(kind);
    return !!found && found.sources.includes(source) && found.targets.includes(target);
  }

  /**
   * Whether the target of a link belongs to its source's frame.
   * @param {string} kind
   * @param {string} target label
   */
  owns(kind, target) {
    return !!this.kind(kind)?.owned && this.parts.has(target);
  }

  /** @param {string} label @returns {Record<string, any>} what a new span of it begins with */
  defaults(label) {
    return defaultsOf(this.attributesOf(label));
  }
}

/** @param {Attribute[]} attributes @returns {Record<string, any>} */
export function defaultsOf(attributes) {
  const given = attributes.filter((attribute) => !isEmpty(attribute.default));
  return Object.fromEntries(given.map((attribute) => [attribute.name, attribute.default]));
}

/**
 * Whether a corpus's list of targets is offered for an attribute: the one that says what a stance
 * is toward.
 * @param {Attribute} attribute
 */
export function isTarget({ name, kind }) {
  return name === "target" && kind === "text";
}
