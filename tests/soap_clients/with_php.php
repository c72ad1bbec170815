<?php
// Calls the façade with PHP's own SoapClient as an ordinary program would, and prints what it got as JSON.
// Standard input: {"wsdl": "…", "key": "…", "calls": [["operation", {arguments}], …]}
$asked = json_decode(stream_get_contents(STDIN), true, 64, JSON_THROW_ON_ERROR);

$client = new SoapClient($asked['wsdl'], [
    'cache_wsdl' => WSDL_CACHE_NONE,
    'exceptions' => true,
    // A list with one entry stays a list.
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    // The key is the password of HTTP Basic; the name before it is not looked at.
    'login' => 'motcua',
    'password' => $asked['key'],
]);

$answers = [];
foreach ($asked['calls'] as [$operation, $arguments]) {
    try {
        $answers[] = ['result' => $client->__soapCall($operation, [$arguments])];
    } catch (SoapFault $fault) {
        $answers[] = ['fault' => [
            'code' => $fault->faultcode,
            'text' => $fault->faultstring,
            'detail' => $fault->detail ?? null,
        ]];
    }
}
echo json_encode($answers, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
