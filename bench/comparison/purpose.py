"""Why is asked, in every bench."""

PURPOSE = {
    "dossier_code": "000.00.05.H99-261123-0007",
    "procedure_code": "1.009999",
    "officer_id": "canbo.mau",
    "agency_id": "000.00.05.H99",
}
