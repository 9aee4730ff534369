import assert from "node:assert/strict";
import { test } from "node:test";
import {
  firstLacking,
  keylessFields,
  reviewKeys,
  withLabelKeys,
} from "../../annotator/static/annotator/review/keys.js";
import * as linking from "../../annotator/static/annotator/text/linking.js";
import * as ops from "../../annotator/static/annotator/text/ops.js";
import { candidates, HINTS } from "../../annotator/static/annotator/text/rank.js";
import {
  linkWord,
  Schema,
  valueWords,
  word,
} from "../../annotator/static/annotator/text/schema.js";
import * as undo from "../../annotator/static/annotator/text/undo.js";
import { attribute, carryOut, label, link, modelOf, span } from "./workspace.js";

/** Persons, organisations and places: a chain, a ring, and every kind of attribute. */
const entities = {
  labels: [
    label("PERSON", "Person", "1", [
      attribute("rank", "choice", { choices: ["high", "low"], required: true }),
      attribute("topics", "choices", { choices: ["sea", "tax", "school"] }),
      attribute("public", "flag", { title: "In public office" }),
      attribute("age", "number"),
      attribute("note", "text"),
    ]),
    label("ORG", "Organisation", "2"),
    label("PLACE", "Place", "3"),
  ],
  links: [
    link("works_for", ["PERSON"], ["ORG"], {
      many: false,
      attributes: [attribute("since", "number", { required: true })],
    }),
    link("based_in", ["ORG"], ["PLACE"]),
    link("knows", ["PERSON"], ["PERSON"], { symmetric: true }),
  ],
  attributes: [attribute("genre", "choice", { choices: ["news", "opinion"], required: true })],
};
const TEXT = "Ann of Acme in Kiel met Bob.";
const suggestions = {
  spans: [
    span(1, "PERSON", 0, 3, { rank: "high" }),
    span(2, "ORG", 7, 11),
    span(3, "PLACE", 15, 19),
    span(4, "PERSON", 24, 27, { rank: "low" }),
  ],
  links: [
    { ident: 1, kind: "works_for", source: 1, target: 2, attributes: { since: 1999 } },
    { ident: 2, kind: "based_in", source: 2, target: 3 },
    { ident: 3, kind: "knows", source: 1, target: 4 },
    { ident: 4, kind: "knows", source: 4, target: 1 },
  ],
  attributes: {},
};
const people = (more = {}) => modelOf(TEXT, [], [], { schema: entities, suggestions, ...more });
const at = (subject, ident) => subject.views.get(ident);
const told = (decisions) =>
  decisions.map(({ verb, subject, ident }) => `${verb} ${subject} ${ident}`);
const linksOf = (subject, ident) =>
  at(subject, ident).links.map(({ kind, other, pending }) => [kind, other, pending]);

test("every span is an item of its own, and the document comes first", () => {
  const subject = people();
  assert.deepEqual(
    subject.inOrder.filter((view) => subject.queued(view)).map((view) => view.ident),
    [0, 1, 2, 3, 4],
  );
  assert.deepEqual(
    subject.inOrder.map((view) => view.role),
    ["document", "frame", "frame", "plain", "frame"],
  );
});

test("a suggested link is accepted with the later of its two ends", () => {
  const subject = people();
  assert.deepEqual(told(carryOut(subject, ops.accept(subject, at(subject, 1)))), ["accept span 1"]);
  assert.deepEqual(linksOf(subject, 1), [
    ["works_for", 2, true],
    ["knows", 4, true],
    ["knows", 4, true],
  ]);
  const org = carryOut(subject, ops.accept(subject, at(subject, 2)));
  assert.deepEqual(told(org), ["accept span 2", "link link 1"]);
  assert.deepEqual(subject.layer.links.get(1).attributes, { since: 1999 });
  const place = carryOut(subject, ops.accept(subject, at(subject, 3)));
  assert.deepEqual(told(place), ["accept span 3", "link link 2"]);
  const bob = carryOut(subject, ops.accept(subject, at(subject, 4)));
  assert.deepEqual(told(bob), ["accept span 4", "link link 4", "link link 3"]);
  assert.ok([1, 2, 3, 4].every((ident) => at(subject, ident).state === "accepted"));
  for (const group of [bob, place, org])
    carryOut(subject, undo.reverse({ id: "g", decisions: group }, "undo"));
  assert.deepEqual([...subject.layer.spans.keys()], [1]);
  assert.equal(subject.layer.links.size, 0);
});

test("accepting all at once brings every link once", () => {
  const subject = people();
  const group = carryOut(subject, ops.decideAll(subject, [...subject.inOrder], "accept"));
  assert.deepEqual(told(group).sort(), [
    "accept span 1",
    "accept span 2",
    "accept span 3",
    "accept span 4",
    "link link 1",
    "link link 2",
    "link link 3",
    "link link 4",
  ]);
});

test("a link taken off while its other end waits stays off, and undo brings it back", () => {
  const subject = people();
  carryOut(subject, ops.accept(subject, at(subject, 1)));
  const waiting = at(subject, 1).links.find((one) => one.kind === "works_for");
  const group = carryOut(subject, linking.dropLink(subject, at(subject, 1), waiting));
  assert.deepEqual(told(group), ["leave link 1"]);
  assert.ok(!linksOf(subject, 1).some(([kind]) => kind === "works_for"));
  assert.deepEqual(told(ops.accept(subject, at(subject, 2))), ["accept span 2"]);
  carryOut(subject, undo.reverse({ id: "g", decisions: group }, "undo"));
  assert.deepEqual(told(ops.accept(subject, at(subject, 2))), ["accept span 2", "link link 1"]);
  // The log says it to a page that opens later.
  const { spans } = subject.layer;
  const later = people({ spans: [...spans.values()], history: group });
  assert.ok(!linksOf(later, 1).some(([kind]) => kind === "works_for"));
});

test("a symmetric link is shown and undone at both ends, and never made twice", () => {
  const subject = modelOf(
    TEXT,
    [span(1, "PERSON", 0, 3, { rank: "high" }), span(4, "PERSON", 24, 27, { rank: "low" })],
    [],
    { schema: entities, suggestions: { spans: [], links: [] } },
  );
  const { decisions: first } = ops.add(subject, "PERSON", 0, 3);
  const { decisions: second } = ops.add(subject, "PERSON", 24, 27);
  carryOut(subject, [...first, ...second]);
  const [one, two] = subject.inOrder.filter((view) => view.role === "frame");
  const knows = subject.schema.kind("knows");
  carryOut(subject, linking.setLink(subject, one, knows, two.ident));
  assert.deepEqual(linksOf(subject, one.ident), [["knows", two.ident, false]]);
  assert.deepEqual(linksOf(subject, two.ident), [["knows", one.ident, false]]);
  assert.deepEqual(linking.setLink(subject, at(subject, two.ident), knows, one.ident), []);
  const shown = at(subject, two.ident).links[0];
  carryOut(subject, linking.dropLink(subject, at(subject, two.ident), shown));
  assert.equal(subject.layer.links.size, 0);
});

test("one of a kind takes the other's place; where several may be, they add up", () => {
  const subject = people();
  carryOut(subject, ops.decideAll(subject, [...subject.inOrder], "accept"));
  const { ident, decisions } = ops.add(subject, "ORG", 20, 23);
  carryOut(subject, decisions);
  const worksFor = subject.schema.kind("works_for");
  carryOut(subject, linking.setLink(subject, at(subject, 1), worksFor, ident));
  assert.deepEqual(
    at(subject, 1)
      .links.filter((one) => one.kind === "works_for")
      .map((one) => one.other),
    [ident],
  );
  assert.deepEqual(at(subject, 1).missing, [
    {
      sort: "linkAttribute",
      name: "since",
      words: "works for: since",
      link: at(subject, 1).links.find((one) => one.kind === "works_for").ident,
    },
  ]);
  const made = at(subject, 1).links.find((one) => one.kind === "works_for");
  carryOut(subject, linking.setLinkAttribute(subject, at(subject, 1), made, "since", 2001));
  assert.deepEqual(at(subject, 1).missing, []);
  const basedIn = subject.schema.kind("based_in");
  const place = ops.add(subject, "PLACE", 24, 27);
  carryOut(subject, place.decisions);
  carryOut(subject, linking.setLink(subject, at(subject, 2), basedIn, place.ident));
  assert.equal(at(subject, 2).links.length, 2);
});

test("attributes of every kind are set, and taken away when empty", () => {
  const subject = people();
  const set = (name, value) =>
    carryOut(subject, ops.setAttribute(subject, at(subject, 1), name, value));
  set("topics", ["sea", "tax"]);
  set("public", false);
  set("age", 0);
  set("note", "x");
  assert.deepEqual(at(subject, 1).span.attributes, {
    rank: "high",
    topics: ["sea", "tax"],
    public: false,
    age: 0,
    note: "x",
  });
  set("topics", []);
  set("note", "");
  set("public", null);
  set("rank", null);
  assert.deepEqual(at(subject, 1).span.attributes, { age: 0 });
  assert.deepEqual(
    at(subject, 1).missing.map(({ words }) => words),
    ["rank"],
  );
  assert.equal(ops.setAttribute(subject, at(subject, 1), "age", 0).length, 0);
});

test("the document is settled by its attributes, and undo opens it again", () => {
  const subject = people();
  assert.deepEqual([at(subject, 0).state, at(subject, 0).settled], ["open", false]);
  assert.deepEqual(
    at(subject, 0).missing.map(({ words }) => words),
    ["genre"],
  );
  const group = carryOut(subject, ops.setAttribute(subject, at(subject, 0), "genre", "news"));
  assert.deepEqual(group[0].after, { attributes: { genre: "news" } });
  assert.deepEqual([at(subject, 0).state, at(subject, 0).settled], ["added", true]);
  carryOut(subject, undo.reverse({ id: "g", decisions: group }, "undo"));
  assert.deepEqual([at(subject, 0).state, at(subject, 0).settled], ["open", false]);
});

test("what is offered for the document, defaults too, is its own when it is accepted", () => {
  const schema = {
    ...entities,
    attributes: [...entities.attributes, attribute("region", "text", { default: "north" })],
  };
  const offered = { ...suggestions, attributes: { genre: "news" } };
  const subject = people({ schema, suggestions: offered });
  assert.deepEqual([at(subject, 0).state, at(subject, 0).missing], ["suggested", []]);
  const [decision] = carryOut(subject, ops.accept(subject, at(subject, 0)));
  assert.deepEqual(decision.after, { attributes: { genre: "news", region: "north" } });
  assert.ok(at(subject, 0).settled);
});

test("another label keeps what both have, attributes and links", () => {
  const schema = {
    ...entities,
    labels: [...entities.labels, label("FIRM", "Firm", "4")],
    links: [link("based_in", ["ORG", "FIRM"], ["PLACE"])],
  };
  const subject = people({
    schema,
    suggestions: { ...suggestions, links: [suggestions.links[1]] },
  });
  carryOut(subject, ops.decideAll(subject, [...subject.inOrder], "accept"));
  carryOut(subject, ops.relabel(subject, at(subject, 2), "FIRM"));
  assert.deepEqual(linksOf(subject, 2), [["based_in", 3, false]]);
  carryOut(subject, ops.relabel(subject, at(subject, 2), "PERSON"));
  assert.deepEqual(linksOf(subject, 2), []);
});

test("offered are spans of the kind's targets, never the span itself", () => {
  const subject = people();
  const offered = (ident, kind) =>
    candidates(subject, at(subject, ident), subject.schema.kind(kind)).map((view) => view.ident);
  assert.deepEqual(offered(1, "works_for"), [2]);
  assert.deepEqual(offered(1, "knows"), [4]);
});

test("words come from the schema", () => {
  const schema = new Schema(entities);
  const [rank, topics, isPublic] = schema.label("PERSON").attributes;
  assert.equal(word(isPublic), "In public office");
  assert.equal(word(rank), "rank");
  assert.equal(linkWord(schema.kind("works_for")), "works for");
  assert.equal(valueWords(isPublic, false), "no");
  assert.equal(valueWords(topics, ["sea", "tax"]), "sea, tax");
  assert.equal(valueWords(rank, "high"), "high");
});

test("a command keeps its key, labels and choices get free ones, and attributes may share", () => {
  const schema = withLabelKeys({
    labels: [
      label("A", "A", "x", [
        attribute("one", "choice", { choices: ["yes", "no"], keys: { yes: "y", no: "z" } }),
        attribute("two", "choice", { choices: ["yes", "no"], keys: { yes: "y" } }),
        attribute("flag", "flag"),
        attribute("free", "text"),
      ]),
      label("B", "B", "1"),
    ],
    links: [link("to", ["A"], ["B"], { key: "j" }), link("and", ["A"], ["B"])],
    attributes: [],
  });
  assert.deepEqual(
    schema.labels.map(({ key }) => key),
    ["2", "1"],
  );
  const table = reviewKeys(schema).filter(({ only }) => only === "A");
  const keyOf = (action, arg) =>
    table.find((binding) => binding.action === action && binding.arg === arg)?.keys[0];
  assert.equal(keyOf("link", "to"), "l");
  assert.ok(keyOf("link", "and"));
  assert.equal(keyOf("choose", '["one","yes"]'), "y");
  assert.equal(keyOf("choose", '["two","yes"]'), "y");
  assert.notEqual(keyOf("choose", '["one","no"]'), "z");
  const keys = reviewKeys(schema)
    .filter(({ only, contexts }) => (only ?? "A") === "A" && contexts.includes("browse"))
    .flatMap((binding) => binding.keys);
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  assert.deepEqual(twice, ["y"]);
  const shared = table.filter((binding) => binding.keys.includes("y"));
  const view = (attributes) => ({ span: { attributes }, links: [] });
  assert.equal(firstLacking(shared, view({})).arg, '["one","yes"]');
  assert.equal(firstLacking(shared, view({ one: "no" })).arg, '["two","yes"]');
  assert.deepEqual(
    keylessFields(new Schema(schema), "A").map(({ name }) => name),
    ["one", "two", "free"],
  );
  const isHeld = (binding) => binding.contexts.includes("linking");
  assert.ok(!table.some((binding) => isHeld(binding) && HINTS.includes(binding.keys[0])));
});

test("what rides along has one key for all its choices, after everything else has its keys", () => {
  const given = attribute("given", "choice", { choices: ["a"], keys: { a: "q" }, fold: true });
  const kinds = attribute("nuance", "choice", { choices: ["one", "two"], fold: true });
  const schema = withLabelKeys({
    labels: [label("A", "A", "1", [kinds, given, attribute("flag", "flag", { fold: true })])],
    links: [],
    attributes: [],
  });
  const table = reviewKeys(schema).filter(({ only }) => only === "A");
  const ofNuance = table.filter(({ arg }) => arg?.includes("nuance"));
  assert.deepEqual(
    ofNuance.map(({ action, arg, keys }) => [action, arg, keys.length]),
    [["round", '["nuance"]', 1]],
  );
  assert.deepEqual(
    table.filter(({ arg }) => arg?.includes("given")).map(({ action, keys }) => [action, ...keys]),
    [["choose", "q"]],
  );
  assert.ok(table.some(({ action, arg }) => action === "round" && arg === '["flag"]'));
});

test("more labels than digits have letters, which add and relabel everywhere", () => {
  const labels = [..."ABCDEFGHIJKL"].map((name) => label(name, `Label ${name}`, ""));
  const schema = withLabelKeys({ labels, links: [], attributes: [] });
  const keys = schema.labels.map(({ key }) => key);
  assert.deepEqual(keys.slice(0, 9), [..."123456789"]);
  assert.equal(new Set(keys).size, 12);
  const table = reviewKeys(schema).filter(({ action }) => action === "label");
  assert.deepEqual(
    table.map(({ arg, keys: [key] }) => [arg, key]),
    [..."JKL"].map((name, index) => [name, keys[9 + index]]),
  );
  assert.ok(table.every(({ contexts }) => contexts.includes("select")));
});

test("eight labels with six kinds and five attributes each have keys for all of it", () => {
  const names = [..."ABCDEFGH"];
  const attributes = [
    attribute("one", "choice", { choices: ["a1", "a2", "a3"] }),
    attribute("several", "choices", { choices: ["b1", "b2", "b3"] }),
    attribute("flag", "flag"),
    attribute("text", "text"),
    attribute("number", "number"),
  ];
  const schema = withLabelKeys({
    labels: names.map((name) => label(name, name, "", attributes)),
    links: [..."123456"].map((number) => link(`kind ${number}`, names, names)),
    attributes: [],
  });
  for (const name of names) {
    const table = reviewKeys(schema).filter(({ only }) => only === name);
    assert.equal(table.filter(({ action, keys }) => action === "link" && keys.length).length, 6);
    assert.equal(table.filter(({ action, keys }) => action === "choose" && keys.length).length, 7);
    assert.equal(table.filter(({ action }) => action === "nextField").length, 1);
  }
});
