// Fastify with the `soap` package, over keep-alive connections: what a Node.js user writes first.
//     node fastify_soap.mjs PORT
import { Agent } from "node:http";
import Fastify from "fastify";
import soap from "soap";
import { UPSTREAM, VERIFY, WSDL, lookup, pay, proof, question, schemas, verdict } from "./common.mjs";

const kept = new Agent({ keepAlive: true, maxSockets: 256 });
const client = await soap.createClientAsync(WSDL, { endpoint: UPSTREAM + VERIFY });
const app = Fastify();

app.post("/v1/citizens/verification", { schema: { body: schemas.citizen } }, async (request) => {
  const [found] = await client.XacThucThongTinCongDanAsync(question(request.body), { httpAgent: kept }, proof());
  return verdict(found.TonTai === true);
});
app.post("/v1/enterprises/lookup", { schema: { body: schemas.enterprise } }, (request) => lookup(request.body));
app.post("/v1/payments", { schema: { body: schemas.payment } }, (request) => pay(request.body));

await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
