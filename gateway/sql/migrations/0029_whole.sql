-- What is never rewritten is never emptied either: a trigger for each row does not see TRUNCATE.
CREATE TRIGGER bill_whole BEFORE TRUNCATE ON bill EXECUTE FUNCTION refuse_change();
CREATE TRIGGER book_entry_whole BEFORE TRUNCATE ON book_entry EXECUTE FUNCTION refuse_change();
CREATE TRIGGER book_line_whole BEFORE TRUNCATE ON book_line EXECUTE FUNCTION refuse_change();
CREATE TRIGGER money_case_whole BEFORE TRUNCATE ON money_case EXECUTE FUNCTION refuse_change();
CREATE TRIGGER money_day_whole BEFORE TRUNCATE ON money_day EXECUTE FUNCTION refuse_change();
CREATE TRIGGER money_finding_whole BEFORE TRUNCATE ON money_finding EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_whole BEFORE TRUNCATE ON refund EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_step_whole BEFORE TRUNCATE ON refund_step EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_file_whole BEFORE TRUNCATE ON statement_file EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_line_whole BEFORE TRUNCATE ON statement_line EXECUTE FUNCTION refuse_change();
CREATE TRIGGER voucher_whole BEFORE TRUNCATE ON voucher EXECUTE FUNCTION refuse_change();
