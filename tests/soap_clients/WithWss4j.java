import java.io.File;
import java.io.FileInputStream;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSDataRef;
import org.apache.ws.security.WSEncryptionPart;
import org.apache.ws.security.WSSecurityEngine;
import org.apache.ws.security.WSSecurityEngineResult;
import org.apache.ws.security.components.crypto.Merlin;
import org.apache.ws.security.message.WSSecHeader;
import org.apache.ws.security.message.WSSecSignature;
import org.apache.ws.security.message.WSSecTimestamp;
import org.apache.ws.security.message.token.SignatureConfirmation;
import org.w3c.dom.Document;

/**
 * WS-Security as Apache WSS4J does it, which most Java services speak. An envelope comes from standard input.
 *
 * sign KEYSTORE PASSWORD FILE [BASE64]: writes it signed into FILE (Timestamp, Body, and a confirmation of that signature).
 * verify KEYSTORE PASSWORD: prints what is signed by a holder in that key store, one line each, or fails.
 */
public class WithWss4j {
    public static void main(String[] arguments) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document envelope = factory.newDocumentBuilder().parse(System.in);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new FileInputStream(arguments[1]), arguments[2].toCharArray());
        Merlin crypto = new Merlin();
        if (arguments[0].equals("sign")) {
            crypto.setKeyStore(store);
            sign(envelope, crypto, arguments);
            StreamResult signed = new StreamResult(new File(arguments[3]));
            TransformerFactory.newInstance().newTransformer().transform(new DOMSource(envelope), signed);
        } else {
            crypto.setTrustStore(store);
            verify(envelope, crypto);
        }
    }

    private static void sign(Document envelope, Merlin crypto, String[] arguments) throws Exception {
        String soap = envelope.getDocumentElement().getNamespaceURI();
        WSSecHeader header = new WSSecHeader();
        header.insertSecurityHeader(envelope);
        WSSecTimestamp timestamp = new WSSecTimestamp();
        timestamp.setTimeToLive(60);
        timestamp.build(envelope, header);
        List<WSEncryptionPart> parts = new ArrayList<>();
        parts.add(new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, ""));
        parts.add(new WSEncryptionPart("Body", soap, ""));
        if (arguments.length > 4) {
            SignatureConfirmation confirmation =
                new SignatureConfirmation(envelope, Base64.getDecoder().decode(arguments[4]));
            confirmation.setID("SC-1");
            header.getSecurityHeader().appendChild(confirmation.getElement());
            parts.add(new WSEncryptionPart("SC-1"));
        }
        WSSecSignature signature = new WSSecSignature();
        signature.setUserInfo(crypto.getKeyStore().aliases().nextElement(), arguments[2]);
        signature.setKeyIdentifierType(WSConstants.BST_DIRECT_REFERENCE);
        signature.setSignatureAlgorithm("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
        signature.setDigestAlgo(WSConstants.SHA256);
        signature.setParts(parts);
        signature.build(envelope, crypto, header);
    }

    @SuppressWarnings("unchecked")
    private static void verify(Document envelope, Merlin crypto) throws Exception {
        for (WSSecurityEngineResult result : new WSSecurityEngine().processSecurityHeader(envelope, null, null, crypto)) {
            List<WSDataRef> references = (List<WSDataRef>) result.get(WSSecurityEngineResult.TAG_DATA_REF_URIS);
            if (references != null) {
                for (WSDataRef reference : references) {
                    System.out.println(reference.getName().getLocalPart());
                }
            }
            Object confirmation = result.get(WSSecurityEngineResult.TAG_SIGNATURE_CONFIRMATION);
            if (confirmation != null) {
                byte[] value = ((SignatureConfirmation) confirmation).getSignatureValue();
                System.out.println("confirms " + Base64.getEncoder().encodeToString(value));
            }
        }
    }
}
