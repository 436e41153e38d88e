// documents.mjs MODULES FILE... - hold Kubernetes manifests against the schemas of their kinds.
//
// Prints each document as a line of JSON. What does not fit goes to standard error, a line each, and makes
// the exit status 1. The validators are made of the published OpenAPI document, which lets unknown keys pass:
// a key that no validator ever looks at is one.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [modules, ...files] = process.argv.slice(2);
const root = path.resolve(modules, "node_modules");
const require = createRequire(path.join(root, "x.js"));
const { parseAllDocuments } = require("yaml");
let wrong = 0;

function complain(file, what) {
	console.error(`${file}: ${what}`);
	wrong++;
}

// A view of the value that notes in `seen` which keys are asked for.
function watch(value, at, seen) {
	if (value === null || typeof value !== "object") return value;
	return new Proxy(value, {
		get(target, key) {
			if (typeof key === "string" && Object.hasOwn(target, key)) {
				seen.add(`${at}/${key}`);
				return watch(target[key], `${at}/${key}`, seen);
			}
			return target[key];
		},
	});
}

function unseen(value, at, seen) {
	if (value === null || typeof value !== "object") return [];
	return Object.keys(value).flatMap((key) =>
		seen.has(`${at}/${key}`) ? unseen(value[key], `${at}/${key}`, seen) : [`${at}/${key}`]);
}

function schema(name) {
	const home = name.startsWith("IoK8sApimachinery") ? "@kubernetes-models/apimachinery" : "kubernetes-models";
	return require(path.join(root, home, "_schemas", name)).validate;
}

// The definition of network attachments lets a configuration be any string; Multus wants JSON.
function network({ apiVersion, kind, metadata, spec, ...more }) {
	const problems = [...Object.keys(more), ...Object.keys(spec ?? {}).filter((key) => key !== "config")]
		.map((key) => `/${key}: no such key`);
	try {
		if (JSON.parse(spec.config).cniVersion === undefined) problems.push("/spec/config: no cniVersion");
	} catch (error) {
		problems.push(`/spec/config: ${error.message}`);
	}
	return problems.concat(check(schema("IoK8sApimachineryPkgApisMetaV1ObjectMeta"), metadata, "/metadata"));
}

function check(validate, value, at) {
	const seen = new Set();
	if (!validate(watch(value, at, seen), { instancePath: at, rootData: value }))
		return validate.errors.map((error) => `${error.instancePath}: ${error.keyword} ${JSON.stringify(error.params)}`);
	return unseen(value, at, seen).map((key) => `${key}: no such key`);
}

function problems(doc) {
	if (doc?.apiVersion === "k8s.cni.cncf.io/v1" && doc.kind === "NetworkAttachmentDefinition") return network(doc);
	const [version, group] = String(doc?.apiVersion).split("/").reverse();
	const words = [(group ?? "core").split(".")[0], version, String(doc?.kind)];
	const name = `IoK8sApi${words.map((word) => word[0].toUpperCase() + word.slice(1)).join("")}`;
	try {
		return check(schema(name), doc, "");
	} catch (error) {
		return [`${doc?.apiVersion} ${doc?.kind}: ${error.message.split("\n")[0]}`];
	}
}

for (const file of files) {
	const documents = parseAllDocuments(readFileSync(file, "utf8"), { strict: true, version: "1.2" });
	if (documents.length === 0) complain(file, "empty");
	for (const document of documents) {
		for (const error of [...document.errors, ...document.warnings]) complain(file, error.message);
		const value = document.toJS();
		for (const problem of problems(value)) complain(file, `${value?.kind} ${value?.metadata?.name}: ${problem}`);
		console.log(JSON.stringify(value));
	}
}
process.exit(wrong ? 1 : 0);
