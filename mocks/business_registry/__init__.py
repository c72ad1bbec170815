"""A stand-in for CSDLQG về đăng ký doanh nghiệp (CSDLĐKDN), the business registry, as NGSP publishes it."""
