"""The page that lies in every evidence package."""

README = """GÓI CHỨNG CỨ · EVIDENCE PACKAGE

Gói này chứng minh rằng các dòng nhật ký trong thư mục leaves/ đã được ghi vào nhật ký giao dịch của đơn vị nêu trong
evidence.json, không sau thời điểm của điểm kiểm chứng, và từ đó chưa bị sửa. Kiểm tra không cần hệ thống, cơ sở dữ
liệu hay mạng.

Kiểm bằng máy
    lienthong audit check GOI.zip --key "KHOÁ"
    python3 verify_evidence.py GOI.zip --key "KHOÁ"     (chương trình độc lập, khoảng một trăm dòng)
KHOÁ là khoá kiểm chứng nhận bằng đường khác với gói này. Không có nó, gói chỉ được so với khoá ghi trong chính nó.

Kiểm bằng tay
1. leaves/N.json, đúng từng byte, với một byte 0x00 đặt trước, băm SHA-256: đó là lá thứ N.
2. Đi từ lá tới gốc bằng các mã băm "proof" trong evidence.json (RFC 9162 mục 2.1.3.2; nút = SHA-256(0x01, trái, phải)).
   Kết quả phải bằng dòng thứ ba (base64) của checkpoint.txt; dòng thứ hai là số lá của cây.
3. Chữ ký Ed25519 trên checkpoint.txt (C2SP signed-note) phủ phần trước dòng trống, kể cả dấu xuống dòng cuối. Trong
   base64 sau tên: 4 byte mã khoá, 64 byte chữ ký.
4. Nội dung trao đổi, nếu có: cat bodies/N/TÊN.salt bodies/N/TÊN | sha256sum phải bằng "bodies" của TÊN trong
   leaves/N.json. "erased": đã xoá theo quy định, chỉ còn mã băm. "withheld": còn, nhưng không kèm trong gói này.
5. Dấu thời gian, nếu có: openssl ts -verify -data stamped.txt -in stamp.der -token_in -CAfile GỐC_TSA.pem
   Nội dung stamped.txt phải là phần đầu của checkpoint.txt.
6. Nhân chứng, nếu có: dòng chữ ký của họ trong checkpoint.txt (C2SP tlog-cosignature, cosignature/v1).

----

This package proves that the rows in leaves/ were written to the log of the tenant named in evidence.json no later than
its checkpoint, and were not altered since. To check it takes no system of ours, no database and no network.

With a program
    lienthong audit check PACKAGE.zip --key "KEY"
    python3 verify_evidence.py PACKAGE.zip --key "KEY"     (independent, about a hundred lines)
KEY is the verifier key that you got on another way than this package. Without it the package is only compared with the
key that it names itself.

By hand
1. SHA-256 of a byte 0x00 and leaves/N.json, byte for byte: that is leaf N.
2. From the leaf to the root with the hashes "proof" in evidence.json (RFC 9162, 2.1.3.2; a node is SHA-256(0x01, left,
   right)). The result must be the third line (base64) of checkpoint.txt; the second line is the number of leaves.
3. The Ed25519 signature in checkpoint.txt (C2SP signed-note) covers what stands before the blank line, with its last
   line feed. In the base64 behind the name: 4 bytes of key id, 64 bytes of signature.
4. What was exchanged, if it is here: cat bodies/N/NAME.salt bodies/N/NAME | sha256sum must be NAME's digest under
   "bodies" of leaves/N.json. "erased": deleted as the law wants, only its digest is left. "withheld": it exists, and
   is not part of this package.
5. The time stamp, if it is here: openssl ts -verify -data stamped.txt -in stamp.der -token_in -CAfile TSA_ROOT.pem
   stamped.txt must be the beginning of checkpoint.txt.
6. Witnesses, if there are any: their signature lines in checkpoint.txt (C2SP tlog-cosignature, cosignature/v1).
"""
