// `deno task docs`: writes the generated parts of all documents between their markers, or with --check names those documents that
// are not up to date.
import { DOCUMENTS, readDocument, withGeneratedParts, writeDocument } from "./documents.ts";

let staleCount = 0;
for (const document of DOCUMENTS) {
  const before = await readDocument(document);
  const after = await withGeneratedParts(document, before);
  if (before === after) continue;
  staleCount += 1;
  if (Deno.args.includes("--check")) {
    console.error(`${document.path} is not up to date: run \`deno task docs\` and commit it`);
  } else await writeDocument(document, after);
}
if (staleCount > 0 && Deno.args.includes("--check")) Deno.exit(1);
