Attribute VB_Name = "KpiMacros"
Option Explicit
' What the buttons run. Each asks Python to do its work; nothing is calculated here. The source is
' ASCII, so words for people stand on the hidden sheet kpi_texts.

Private Const TEXTS_SHEET As String = "kpi_texts"
Private Const ERROR_SHEET As String = "Error" ' xlwings leaves the reason of a failure here

Public Sub KpiImport()
    KpiStart "import_files"
End Sub

Public Sub KpiCheck()
    KpiStart "check"
End Sub

Public Sub KpiRun()
    KpiStart "run"
End Sub

Public Sub KpiExplain()
    KpiStart "explain"
End Sub

Public Sub KpiSimulate()
    KpiStart "simulate"
End Sub

Public Sub KpiStatements()
    KpiStart "statements"
End Sub

Public Sub KpiClose()
    KpiStart "close"
End Sub

Public Sub KpiDoctor()
    KpiStart "doctor"
End Sub

' Runs a function of xl_kpi.excel.macros, which says itself what it has done. Only when Python
' cannot be reached at all is there something to say here.
Private Sub KpiStart(ByVal Name As String)
    Dim Reason As String
    On Error GoTo Failed
    RunPython "from xl_kpi.excel import macros; macros." & Name & "()"
    Reason = KpiTakeError()
    If Reason <> "" Then KpiSayFailed Reason
    Exit Sub
Failed:
    KpiSayFailed Err.Description
End Sub

' The reason that xlwings has left, and its sheet removed again.
Private Function KpiTakeError() As String
    Dim Sheet As Object
    For Each Sheet In ThisWorkbook.Worksheets
        If Sheet.Name = ERROR_SHEET Then
            KpiTakeError = CStr(Sheet.Range("A1").Value)
            If KpiTakeError = "" Then KpiTakeError = "?"
            Application.DisplayAlerts = False
            Sheet.Delete
            Application.DisplayAlerts = True
            Exit For
        End If
    Next Sheet
End Function

Private Sub KpiSayFailed(ByVal Reason As String)
    MsgBox KpiText("python_failed") & vbCrLf & vbCrLf & KpiLastLine(Reason), vbExclamation, "xl_kpi"
End Sub

' The second cell of the row of the sheet of texts that begins with a key.
Public Function KpiText(ByVal Key As String) As String
    Dim Sheet As Object, Row As Long
    KpiText = Key
    On Error GoTo Missing
    Set Sheet = ThisWorkbook.Worksheets(TEXTS_SHEET)
    Row = 1
    Do While CStr(Sheet.Cells(Row, 1).Value) <> ""
        If CStr(Sheet.Cells(Row, 1).Value) = Key Then
            KpiText = CStr(Sheet.Cells(Row, 2).Value)
            Exit Do
        End If
        Row = Row + 1
    Loop
Missing:
End Function
