// What both Node.js peers need of the contracts: proofs, names, an INIT, the shape of an enterprise.
import { createHash, randomUUID } from "node:crypto";
import { Pool } from "undici";

export const UPSTREAM = process.env.UPSTREAM ?? "http://127.0.0.1:9";
export const WSDL = process.env.WSDL;
export const OPERATION = "XacThucThongTinCongDan";
export const VERIFY = `/csdldc/${OPERATION}`;
export const NAMESPACE = "http://dancuquocgia.bca";
export const pool = new Pool(UPSTREAM, { connections: 256, pipelining: 1 });

const ORDER = [
  "LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "SoTien", "LoaiHinhThanhToan", "MaKenhThanhToan", "MaThietBi",
  "NgonNgu", "MaTienTe", "MaNganHang", "ThongTinGiaoDich", "ThoiGianGD", "Ip",
];
const UNUSED = [
  "MaLoaiHinhThuPhat", "TenLoaiHinhThuPhat", "KhoBac", "NgayQD", "SoQD", "ThoiGianViPham", "DiaDiemViPham",
  "TenNguoiViPham", "TaiKhoanThuNSNN", "HuyenNguoiNop",
];
const KINDS = { fee: "1", charge: "2" };
const text = { type: "string" };
const purpose = {
  type: "object",
  required: ["dossier_code", "procedure_code", "officer_id", "agency_id"],
  properties: { dossier_code: text, procedure_code: text, officer_id: text, agency_id: text },
};
export const schemas = {
  citizen: {
    type: "object",
    required: ["personal_id", "full_name", "birth_date", "purpose"],
    properties: { personal_id: text, full_name: text, birth_date: text, purpose },
  },
  enterprise: { type: "object", required: ["enterprise_code", "purpose"], properties: { enterprise_code: text, purpose } },
  payment: {
    type: "object",
    required: ["dossier_code", "amount", "payer", "lines", "beneficiary"],
    properties: { dossier_code: text, amount: { type: "integer" }, lines: { type: "array" } },
  },
};

const sha256 = (value) => createHash("sha256").update(value).digest("hex");

export function proof() {
  const stamp = String(Date.now());
  const hashed = sha256(`/r1/VN/GOV/EXAMPLE/EXAMPLE/${OPERATION}demo_user${stamp}demo_secret`);
  return {
    Authorization: `Basic ${Buffer.from(`demo_user:${hashed}`).toString("base64")}`,
    Timestamp: stamp,
    "Content-Type": "application/xml; charset=utf-8",
  };
}

export function question(asked) {
  const plain = asked.full_name.normalize("NFD").replace(/\p{M}/gu, "").replace(/Đ/g, "D").replace(/đ/g, "d");
  return {
    MaYeuCau: randomUUID().replaceAll("-", ""),
    MaDVC: "VPCP",
    MaTichHop: "003",
    MaCanBo: asked.purpose.officer_id,
    SoDinhDanh: asked.personal_id,
    HoVaTen: plain.toUpperCase().replaceAll(" ", ""),
    NgayThangNamSinh: { NgayThangNam: asked.birth_date.replaceAll("-", "") },
  };
}

export const verdict = (exists) => ({ verdict: exists ? "match" : "mismatch" });

export async function call(method, path, headers, body) {
  const reply = await pool.request({ method, path, headers, body });
  const said = await reply.body.text();
  if (reply.statusCode !== 200) throw new Error(`${reply.statusCode}: ${said}`);
  return said;
}

let token;

export async function lookup(asked) {
  token ??= JSON.parse(
    await call(
      "POST",
      "/token",
      {
        Authorization: `Basic ${Buffer.from("demo_key:demo_secret").toString("base64")}`,
        "Content-Type": "application/x-www-form-urlencoded",
      },
      "grant_type=client_credentials",
    ),
  ).access_token;
  const path = `/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=${encodeURIComponent(asked.enterprise_code)}`;
  return firm(JSON.parse(await call("GET", path, { Authorization: `Bearer ${token}` })));
}

const iso = (slashed) => slashed.split("/").reverse().join("-");

function firm({ Status, Data }) {
  if (Status !== "1" || !Data?.MainInformation) return { verdict: "not_found" };
  const main = Data.MainInformation;
  const office = Data.HOAdress ?? {};
  const record = {
    enterprise_code: main.ENTERPRISE_GDT_CODE,
    name: main.NAME,
    short_name: main.SHORT_NAME,
    foreign_name: main.NAME_F,
    type_name: main.ENTERPRISE_TYPE_NAME,
    status: main.ENTERPRISE_STATUS_NAME,
    founded_on: iso(main.FOUNDING_DATE),
    last_changed_on: iso(main.LAST_AMEND_DATE),
    changes: main.NUMBER_CHANGES,
    capital_amount: main.CAPITAL_AMOUNT,
    address: {
      full_text: office.AddressFullText,
      street: office.StreetNumber,
      ward: office.WardName,
      province: office.CityName,
    },
    representatives: [Data.Representatives ?? []].flat().map((one) => ({ full_name: one.FULL_NAME })),
    activities: [Data.BusinessActivity ?? []].flat().map((one) => ({
      code: one.CODE,
      name: one.NAME,
      main: one.IS_MAIN === "Y",
    })),
  };
  return { verdict: "match", record };
}

const two = (number) => String(number).padStart(2, "0");

function moment() {
  const at = new Date(Date.now() + 7 * 3600 * 1000);
  const day = `${at.getUTCFullYear()}${two(at.getUTCMonth() + 1)}${two(at.getUTCDate())}`;
  return `${day}${two(at.getUTCHours())}${two(at.getUTCMinutes())}${two(at.getUTCSeconds())}`;
}

export async function pay(asked) {
  const narration = `Thanh toan ho so ${asked.dossier_code}`;
  const message = {
    LoaiBanTin: "INIT",
    PhienBan: "1.0.6",
    MaDoiTac: "DEMO-H99",
    MaThamChieu: `H99${randomUUID().replaceAll("-", "").slice(0, 17).toUpperCase()}`,
    SoTien: String(asked.amount),
    LoaiHinhThanhToan: "PAY",
    MaKenhThanhToan: "1",
    MaThietBi: "1",
    NgonNgu: "vi-VN",
    MaTienTe: "VND",
    MaNganHang: "PAYMENT",
    ThongTinGiaoDich: narration,
    ThoiGianGD: moment(),
    Ip: "127.0.0.1",
  };
  message.MaXacThuc = sha256([...ORDER.map((name) => message[name]), "S3cretDEMO"].join("|"));
  message.ThongTinBienLai = receipt(asked, narration);
  let reply = JSON.parse(await call("POST", "/pp/init", { "Content-Type": "application/json" }, JSON.stringify(message)));
  if ("message" in reply) reply = JSON.parse(reply.message); // the adapter's envelope
  if (reply.MaLoi !== "00" || reply.MaThamChieu !== message.MaThamChieu) return { state: "failed" };
  return { id: message.MaThamChieu, state: "opened", pay_url: reply.UrlThanhToan };
}

function receipt(asked, narration) {
  return {
    ...Object.fromEntries(UNUSED.map((name) => [name, ""])),
    MaDichVu: "2",
    MaDVC: asked.service_code,
    TenDVC: asked.procedure_name,
    MaTTHC: asked.procedure_code,
    TenTTHC: asked.procedure_name,
    MaDonVi: asked.agency_id,
    TenDonVi: asked.agency_name,
    MaHoSo: asked.dossier_code,
    TKThuHuong: asked.beneficiary.account,
    MaNHThuHuong: asked.beneficiary.bank_code,
    TenTKThuHuong: asked.beneficiary.name,
    NoiDungThanhToan: narration,
    HoTenNguoiNop: asked.payer.full_name,
    SoCMNDNguoiNop: asked.payer.personal_id,
    DiaChiNguoiNop: asked.payer.address,
    TinhNguoiNop: asked.payer.province ?? "",
    PhiLePhi: asked.lines.map((line) => ({
      LoaiPhiLePhi: KINDS[line.kind],
      MaPhiLePhi: line.code,
      TenPhiLePhi: line.name,
      SoTien: String(line.amount),
    })),
    DSKhoanNop: asked.lines.map((line) => ({ NoiDung: line.name, SoTien: String(line.amount) })),
  };
}
