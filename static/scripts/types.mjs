// Types of the API from the committed OpenAPI description into the git-ignored src/api/schema.gen.ts.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../openapi.json", import.meta.url);
const target = new URL("../src/api/schema.gen.ts", import.meta.url);
const text = astToString(await openapiTS(JSON.parse(await readFile(source, "utf8"))));
const old = await readFile(target, "utf8").catch(() => "");
if (old !== text) await writeFile(target, text);
