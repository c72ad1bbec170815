// Calls the façade with the `soap` package as an ordinary program would, and prints what it got as JSON.
// Standard input: {"wsdl": "…", "key": "…", "calls": [["operation", {arguments}], …]}
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

const require = createRequire(process.env.NODE_PACKAGES);
const soap = require("soap");

const { wsdl, key, calls } = JSON.parse(readFileSync(0, "utf8"));

async function call(client, [operation, parameters]) {
  try {
    const [result] = await client[`${operation}Async`](parameters);
    return { result };
  } catch (error) {
    const fault = error.root?.Envelope?.Body?.Fault;
    if (!fault) throw error;
    return { fault: { code: fault.faultcode, text: fault.faultstring?.$value ?? fault.faultstring, detail: fault.detail } };
  }
}

const client = await soap.createClientAsync(wsdl);
client.setSecurity(new soap.BearerSecurity(key));
const answers = [];
for (const one of calls) answers.push(await call(client, one));
console.log(JSON.stringify(answers));
