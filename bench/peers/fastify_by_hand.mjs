// Fastify with an envelope written by hand, sent with undici, read with fast-xml-parser: what an experienced user writes.
//     node fastify_by_hand.mjs PORT
import { XMLParser } from "fast-xml-parser";
import Fastify from "fastify";
import { NAMESPACE, OPERATION, VERIFY, call, lookup, pay, proof, question, schemas, verdict } from "./common.mjs";

const parser = new XMLParser({ removeNSPrefix: true });
const app = Fastify();
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escape = (text) => text.replace(/[&<>]/g, (sign) => ESCAPES[sign]);

function envelope(asked) {
  const { NgayThangNamSinh, ...texts } = question(asked);
  const inside = Object.entries(texts).map(([name, value]) => `<dan:${name}>${escape(value)}</dan:${name}>`).join("");
  const born = `<dan:NgayThangNam>${escape(NgayThangNamSinh.NgayThangNam)}</dan:NgayThangNam>`;
  return (
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:dan="${NAMESPACE}"><s:Header/><s:Body>` +
    `<dan:${OPERATION}>${inside}<dan:NgayThangNamSinh>${born}</dan:NgayThangNamSinh></dan:${OPERATION}>` +
    "</s:Body></s:Envelope>"
  );
}

app.post("/v1/citizens/verification", { schema: { body: schemas.citizen } }, async (request) => {
  const reply = parser.parse(await call("POST", VERIFY, proof(), envelope(request.body)));
  return verdict(reply.Envelope.Body.KetQuaXacThuc.TonTai === true);
});
app.post("/v1/enterprises/lookup", { schema: { body: schemas.enterprise } }, (request) => lookup(request.body));
app.post("/v1/payments", { schema: { body: schemas.payment } }, (request) => pay(request.body));

await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
