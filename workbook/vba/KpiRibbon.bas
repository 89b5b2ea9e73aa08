Attribute VB_Name = "KpiRibbon"
Option Explicit
' What the ribbon calls; the same macros as the buttons.

Public Sub KpiRibbonImport(control As Object)
    KpiImport
End Sub

Public Sub KpiRibbonCheck(control As Object)
    KpiCheck
End Sub

Public Sub KpiRibbonRun(control As Object)
    KpiRun
End Sub

Public Sub KpiRibbonExplain(control As Object)
    KpiExplain
End Sub

Public Sub KpiRibbonSimulate(control As Object)
    KpiSimulate
End Sub

Public Sub KpiRibbonStatements(control As Object)
    KpiStatements
End Sub

Public Sub KpiRibbonClose(control As Object)
    KpiClose
End Sub

Public Sub KpiRibbonDoctor(control As Object)
    KpiDoctor
End Sub
